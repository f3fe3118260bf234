import type { Children } from "../src/cli/children.ts";
import { ms, percent } from "../src/cli/demo/figure.ts";
import type { TierCount } from "../src/cli/demo/load.ts";
import {
  ADAPTIVE_DOCS,
  ADAPTIVE_TUNED,
  adaptiveConcurrency,
  peerCluster,
  peerListener,
} from "../src/cli/demo/peers.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { type DemoService, runLoad, startService } from "../src/cli/demo/run.ts";
import { type BenchMesh, startMesh } from "./mesh.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { writePlot } from "./plot.ts";

/**
 * A service that loses three quarters of its slots under a load it held before, and gets them back: 16 slots of 20 ms at
 * 75 %, 4 slots for 8 s, 16 again. What is served of what 4 slots can, by whom, and how the limits move.
 */
const SLOTS = 16;
const FEW_SLOTS = 4;
const SLOT_MS = 20;
const LOAD = 0.75;
const [CALM_S, FEW_S, AFTER_S] = [6, 8, 6];
const SHORT_SEEDS = [201];
const FULL_SEEDS = [201, 202, 203, 204, 205];

const OURS = "quantum mesh";
const PEERS = {
  "filter off": [],
  "adaptive_concurrency (docs)": [adaptiveConcurrency(ADAPTIVE_DOCS)],
  "adaptive_concurrency (tuned)": [adaptiveConcurrency(ADAPTIVE_TUNED)],
} as const;

interface Run {
  readonly variant: string;
  readonly lateMs: number;
  /** Per second, per tier. */
  readonly seconds: readonly (readonly TierCount[])[];
  /** In force at the end of each second; 0 where there is none. */
  readonly limits: readonly number[];
}

export async function benchCapacity(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const seeds = isFull ? FULL_SEEDS : SHORT_SEEDS;
  const runs: Run[] = [];
  for (const seed of seeds) runs.push(...(await round(children, seed)));
  plot(runs);
  const variants = [OURS, ...Object.keys(PEERS)];
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  const ours = median(of(OURS).map(goodputFew));
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms at ${percent(LOAD, 0)} for ${CALM_S} s, ${FEW_SLOTS} slots for ${FEW_S} s, ${SLOTS} for ${AFTER_S} s; deadline ${DEADLINE_MS} ms, 2 workers`,
      `seeds ${seeds.join(", ")}; medians; load sent at most ${Math.max(...runs.map((run) => run.lateMs))} ms late (p99)`,
      "adaptive_concurrency as in `overload.md`",
    ],
    table: [
      ["", "goodput/new capacity", "critical", "critical p99", "shed before", "shed after"],
      ...variants.map((variant) => row(variant, of(variant))),
    ],
    findings: [
      `goodput over ${FEW_S} s at a quarter of the capacity ${ours.toFixed(3)} (goal >= 0.95): ${verdict(ours >= 0.95)}`,
      "second by second, the first seed: ![goodput](capacity-goodput.svg) ![limit](capacity-limit.svg)",
    ],
  };
}

async function round(children: Children, seed: number): Promise<Run[]> {
  const service = await startService(children, { slots: SLOTS, slotMs: SLOT_MS });
  const mesh = await startMesh(children, {
    servicePort: service.port,
    staticClusters: [peerCluster(service.port)],
    staticListeners: Object.entries(PEERS).map(([name, filters]) => peerListener(name, filters)),
  });
  const runs: Run[] = [];
  for (const variant of [OURS, ...Object.keys(PEERS)]) {
    process.stderr.write(`capacity: seed ${seed}, ${variant}\n`);
    runs.push(await measure(children, { service, mesh, variant, seed }));
  }
  mesh.plane.stop();
  await children.stop();
  return runs;
}

async function measure(
  children: Children,
  rig: { service: DemoService; mesh: BenchMesh; variant: string; seed: number },
): Promise<Run> {
  const { service, mesh, variant, seed } = rig;
  service.setSlots(SLOTS);
  service.reset();
  const seconds: (readonly TierCount[])[] = [];
  const limits: Promise<number>[] = [];
  const rps = LOAD * capacityRps(SLOTS, SLOT_MS);
  const order = {
    port: await mesh.envoy.listenerPort(variant === OURS ? "edge_0" : variant),
    phases: [{ seconds: CALM_S + FEW_S + AFTER_S, rps }],
    tiers: TIERS,
    seed,
    deadlineMs: DEADLINE_MS,
  };
  const { latenessP99Ms } = await runLoad(children, order, ({ tiers }) => {
    seconds.push(tiers);
    limits.push(limitOf(mesh, variant));
    if (seconds.length === CALM_S) service.setSlots(FEW_SLOTS);
    if (seconds.length === CALM_S + FEW_S) service.setSlots(SLOTS);
  });
  return { variant, lateMs: latenessP99Ms, seconds, limits: await Promise.all(limits) };
}

async function limitOf({ envoy }: BenchMesh, variant: string): Promise<number> {
  const stat =
    variant === OURS
      ? "wasmcustom.qmesh.shop.limit"
      : `http.${variant}.adaptive_concurrency.gradient_controller.concurrency_limit`;
  const text = await (await fetch(`${envoy.admin}/stats`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${stat}: `));
  return Number(line?.slice(stat.length + 2) ?? 0);
}

function served(tiers: readonly TierCount[]): number {
  return tiers.reduce((sum, tier) => sum + tier.served, 0);
}

function goodputFew({ seconds }: Run): number {
  const few = seconds.slice(CALM_S, CALM_S + FEW_S);
  return (
    few.reduce((sum, tiers) => sum + served(tiers), 0) / (FEW_S * capacityRps(FEW_SLOTS, SLOT_MS))
  );
}

function shedRatio(seconds: Run["seconds"]): number {
  const tiers = seconds.flat();
  const sum = (pick: (tier: TierCount) => number) =>
    tiers.reduce((all, tier) => all + pick(tier), 0);
  return sum(({ shed }) => shed) / sum(({ offered }) => offered);
}

function row(variant: string, runs: readonly Run[]): string[] {
  const few = ({ seconds }: Run) => seconds.slice(CALM_S, CALM_S + FEW_S).map((tiers) => tiers[0]);
  const critical = (run: Run) => {
    const sum = (pick: (tier: TierCount) => number) =>
      few(run).reduce((all, tier) => all + (tier === undefined ? 0 : pick(tier)), 0);
    return sum((tier) => tier.served) / sum((tier) => tier.offered);
  };
  const worst = (run: Run) => Math.max(...few(run).map((tier) => tier?.p99Ms ?? 0));
  return [
    variant,
    median(runs.map(goodputFew)).toFixed(3),
    percent(median(runs.map(critical)), 2),
    ms(median(runs.map(worst))),
    percent(median(runs.map(({ seconds }) => shedRatio(seconds.slice(0, CALM_S)))), 2),
    percent(median(runs.map(({ seconds }) => shedRatio(seconds.slice(CALM_S + FEW_S)))), 2),
  ];
}

function plot(runs: readonly Run[]): void {
  const first = [OURS, ...Object.keys(PEERS)].flatMap((variant, colour) => {
    const run = runs.find((each) => each.variant === variant);
    return run === undefined ? [] : [{ ...run, colour, name: variant }];
  });
  const whole = CALM_S + FEW_S + AFTER_S;
  writePlot("capacity-goodput", {
    title: `served inside the deadline; ${SLOTS} slots, ${FEW_SLOTS} from second ${CALM_S} to ${CALM_S + FEW_S}`,
    unit: "/s",
    lines: first.map((run) => ({ ...run, values: run.seconds.slice(0, whole).map(served) })),
  });
  writePlot("capacity-limit", {
    title: "concurrency limit",
    unit: "",
    lines: first
      .filter(({ limits }) => Math.max(...limits) > 0)
      .map((run) => ({ ...run, values: run.limits.slice(0, whole) })),
  });
}
