import type { Children } from "../src/cli/children.ts";
import { ms, percent } from "../src/cli/demo/figure.ts";
import type { TierCount } from "../src/cli/demo/load.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { latenessReason } from "../src/cli/demo/results.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { writePlot } from "./plot.ts";
import { INTERVAL_MS, recoverySeconds, toInterval } from "./recovery.ts";
import { ADAPTIVE, ADAPTIVE_BEST, FILTER_OFF, OURS, type Rig, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * A service that loses slots under a load it held before, and gets them back: to a quarter of 16 at 75 %, to a half at
 * 90 %. What is served of what the slots left can serve, to whom, how soon after each step, and how the limits move.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const STEPS = {
  quarter: { load: 0.75, slots: 4 },
  half: { load: 0.9, slots: 8 },
} as const;
type Step = keyof typeof STEPS;
const [CALM_S, FEW_S, AFTER_S] = [6, 8, 6];
const WHOLE_S = CALM_S + FEW_S + AFTER_S;
const PER_SECOND = 1000 / INTERVAL_MS;

const PEERS = { ...FILTER_OFF, ...ADAPTIVE };

interface Run {
  readonly variant: string;
  readonly step: Step;
  readonly lateMs: number;
  /** Per interval, per tier. */
  readonly intervals: readonly (readonly TierCount[])[];
  /** In force at the end of each second; 0 where there is none. */
  readonly limits: readonly number[];
}

export const capacity: SeededBench<Run> = {
  name: "capacity",
  seeds: { short: [201], full: [201, 202, 203, 204, 205, 206, 207, 208, 209, 210] },
  own: [OURS],
  peers: { short: Object.keys(ADAPTIVE_BEST), full: Object.keys(PEERS) },
  round,
  voidReason: ({ lateMs }) => latenessReason(lateMs),
  page,
};

function page(runs: readonly Run[], { seeds }: { seeds: string }): Page {
  plot(runs.filter(({ step }) => step === "quarter"));
  const ours = (step: Step, pick: (run: Run) => number) =>
    median(runs.filter((run) => run.step === step && run.variant === OURS).map(pick));
  const quarter = ours("quarter", goodputFew);
  const slowest = Math.max(ours("half", downSeconds), ours("half", upSeconds));
  const critical = ours("half", criticalFromStep);
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms for ${CALM_S} s, 4 (at ${percent(STEPS.quarter.load, 0)} load) or 8 (at ${percent(STEPS.half.load, 0)}) for ${FEW_S} s, ${SLOTS} for ${AFTER_S} s; deadline ${DEADLINE_MS} ms, 2 workers`,
      `${seeds}; load sent at most ${Math.max(...runs.map((run) => run.lateMs))} ms late (p99)`,
      "down and up: seconds from the step until 95 % of what can be served is, in the next half second and in all that follows",
      "critical: from the step down to the end; adaptive_concurrency as in `overload.md`",
    ],
    table: [
      ["", "goodput/new capacity", "critical", "critical p99", "down", "up", "shed before"],
      ...(["quarter", "half"] as const).flatMap((step) =>
        variantsOf(runs).map((variant) =>
          row(
            `${step}: ${variant}`,
            runs.filter((run) => run.step === step && run.variant === variant),
          ),
        ),
      ),
    ],
    findings: [
      `goodput over ${FEW_S} s at a quarter of the capacity ${quarter.toFixed(3)} (goal >= 0.95): ${verdict(quarter >= 0.95)}`,
      `capacity halved and restored, 95 % of it within ${slowest.toFixed(1)} s (goal <= 0.5): ${verdict(slowest <= 0.5)}`,
      `critical success throughout ${percent(critical, 2)} (goal >= 99 %): ${verdict(critical >= 0.99)}`,
      "to a quarter, second by second, the first seed: ![goodput](capacity-goodput.svg) ![limit](capacity-limit.svg)",
    ],
  };
}

async function round(children: Children, { seed, variants }: RoundPlan): Promise<Run[]> {
  const rig = await startRig(children, { slots: SLOTS, slotMs: SLOT_MS, peers: PEERS });
  const runs: Run[] = [];
  for (const variant of variants) {
    for (const step of ["quarter", "half"] as const) {
      process.stderr.write(`capacity: seed ${seed}, ${variant}, to a ${step}\n`);
      runs.push(await measure(rig, { variant, step, seed }));
    }
  }
  await rig.stop();
  return runs;
}

async function measure(
  rig: Rig,
  { variant, step, seed }: { variant: string; step: Step; seed: number },
): Promise<Run> {
  rig.service.setSlots(SLOTS);
  const intervals: (readonly TierCount[])[] = [];
  const limits: Promise<number>[] = [];
  const rps = STEPS[step].load * capacityRps(SLOTS, SLOT_MS);
  const { latenessP99Ms } = await rig.run(
    variant,
    {
      phases: [{ seconds: WHOLE_S, rps }],
      tiers: TIERS,
      seed,
      deadlineMs: DEADLINE_MS,
      intervalMs: INTERVAL_MS,
    },
    ({ tiers }) => {
      intervals.push(tiers);
      if (intervals.length % PER_SECOND === 0) limits.push(limitOf(rig, variant));
      if (intervals.length === CALM_S * PER_SECOND) rig.service.setSlots(STEPS[step].slots);
      if (intervals.length === (CALM_S + FEW_S) * PER_SECOND) rig.service.setSlots(SLOTS);
    },
  );
  return {
    ...{ variant, step, lateMs: latenessP99Ms },
    intervals: intervals.slice(0, WHOLE_S * PER_SECOND),
    limits: (await Promise.all(limits)).slice(0, WHOLE_S),
  };
}

async function limitOf({ mesh }: Rig, variant: string): Promise<number> {
  const stat =
    variant === OURS
      ? "wasmcustom.qmesh.shop.limit"
      : `http.${variant}.adaptive_concurrency.gradient_controller.concurrency_limit`;
  const text = await (await fetch(`${mesh.envoy.admin}/stats`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${stat}: `));
  return Number(line?.slice(stat.length + 2) ?? 0);
}

/** The part of a run between two of its seconds. */
function part(run: Run, fromS: number, toS = WHOLE_S): Run["intervals"] {
  return run.intervals.slice(fromS * PER_SECOND, toS * PER_SECOND);
}

function served(intervals: Run["intervals"]): number {
  return intervals.reduce((sum, tiers) => sum + toInterval(tiers).served, 0);
}

/** What one interval can serve. */
function capacityOf(slots: number): number {
  return capacityRps(slots, SLOT_MS) / PER_SECOND;
}

function goodputFew(run: Run): number {
  const few = part(run, CALM_S, CALM_S + FEW_S);
  return served(few) / (few.length * capacityOf(STEPS[run.step].slots));
}

function downSeconds(run: Run): number {
  const few = part(run, CALM_S, CALM_S + FEW_S).map(toInterval);
  return recoverySeconds(few, capacityOf(STEPS[run.step].slots));
}

function upSeconds(run: Run): number {
  return recoverySeconds(part(run, CALM_S + FEW_S).map(toInterval), capacityOf(SLOTS));
}

function criticalFromStep(run: Run): number {
  // Not the served over the offered: some of those served were offered before the step.
  const critical = part(run, CALM_S).flatMap(([first]) => first ?? []);
  const lost = critical.reduce((sum, tier) => sum + tier.shed + tier.late + tier.failed, 0);
  return 1 - lost / toInterval(critical).offered;
}

function shedBefore(run: Run): number {
  const tiers = part(run, 0, CALM_S).flat();
  return tiers.reduce((sum, tier) => sum + tier.shed, 0) / toInterval(tiers).offered;
}

function worstCriticalP99(run: Run): number {
  return Math.max(...part(run, CALM_S, CALM_S + FEW_S).map(([first]) => first?.p99Ms ?? 0));
}

function row(name: string, runs: readonly Run[]): string[] {
  const seconds = (value: number) => (Number.isFinite(value) ? `${value.toFixed(1)} s` : "never");
  const share = (value: number) => percent(value, 2);
  return [
    name,
    withWorst(runs.map(goodputFew), (value) => value.toFixed(3), "more"),
    withWorst(runs.map(criticalFromStep), share, "more"),
    withWorst(runs.map(worstCriticalP99), ms, "less"),
    withWorst(runs.map(downSeconds), seconds, "less"),
    withWorst(runs.map(upSeconds), seconds, "less"),
    withWorst(runs.map(shedBefore), share, "less"),
  ];
}

function plot(runs: readonly Run[]): void {
  const first = variantsOf(runs).flatMap((variant, colour) => {
    const run = runs.find((each) => each.variant === variant);
    return run === undefined ? [] : [{ ...run, colour, name: variant }];
  });
  const seconds = Array.from({ length: WHOLE_S }, (_, second) => second);
  writePlot("capacity-goodput", {
    title: `served inside the deadline; ${SLOTS} slots, ${STEPS.quarter.slots} from second ${CALM_S} to ${CALM_S + FEW_S}`,
    unit: "/s",
    lines: first.map((run) => ({
      ...run,
      values: seconds.map((second) => served(part(run, second, second + 1))),
    })),
  });
  writePlot("capacity-limit", {
    title: "concurrency limit",
    unit: "",
    lines: first
      .filter(({ limits }) => Math.max(...limits) > 0)
      .map((run) => ({ ...run, values: run.limits })),
  });
}
