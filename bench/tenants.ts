import type { Children } from "../src/cli/children.ts";
import { percent } from "../src/cli/demo/figure.ts";
import { capacityRps, DEADLINE_MS } from "../src/cli/demo/plan.ts";
import { latenessReason } from "../src/cli/demo/results.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE_BEST, OURS, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * Twenty tenants in one tier, one of which asks for twenty times what each other does, at twice the capacity: is what
 * there is divided max-min fairly, and do those who ask for little get it?
 */
const SLOTS = 16;
const SLOT_MS = 20;
const TENANTS = 20;
const GREED = 20;
const LOAD = 2;
const [CALM_S, HOT_S] = [3, 12];

const PEERS = ADAPTIVE_BEST;
const SHEDDING = "  tiers: [{name: all}]\n  tenant: {header: x-tenant}\n";

interface Run {
  readonly variant: string;
  /** Jain's index of what each tenant got over its max-min fair part: 1 is fair, 1/20 all for one. */
  readonly jain: number;
  /** Share served of what the nineteen asked. */
  readonly modest: number;
  readonly goodput: number;
  readonly lateMs: number;
}

export const tenants: SeededBench<Run> = {
  name: "tenants",
  seeds: { short: [401], full: [401, 402, 403, 404, 405, 406, 407, 408, 409, 410] },
  own: [OURS],
  peers: { short: Object.keys(PEERS), full: Object.keys(PEERS) },
  round,
  voidReason: ({ lateMs }) => latenessReason(lateMs),
  page,
};

const jainOf = (run: Run) => run.jain;
const modestOf = (run: Run) => run.modest;
const goodputOf = (run: Run) => run.goodput;

function page(runs: readonly Run[], { seeds }: { seeds: string }): Page {
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  const jain = median(of(OURS).map(jainOf));
  const modest = median(of(OURS).map(modestOf));
  const ratio = (value: number) => value.toFixed(3);
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms, ${LOAD}x for ${HOT_S} s after ${CALM_S} s at 0.5x; ${TENANTS} tenants in one tier, one asks ${GREED} times as much as each other; 2 workers`,
      `${seeds}; load sent at most ${Math.max(...runs.map((run) => run.lateMs))} ms late (p99)`,
    ],
    table: [
      ["", "Jain's index of got / max-min fair part", "the 19 served", "goodput/capacity"],
      ...variantsOf(runs).map((variant) => [
        variant,
        withWorst(of(variant).map(jainOf), ratio, "more"),
        withWorst(of(variant).map(modestOf), (value) => percent(value, 1), "more"),
        withWorst(of(variant).map(goodputOf), ratio, "more"),
      ]),
    ],
    findings: [
      `Jain's index ${ratio(jain)} (goal >= 0.97): ${verdict(jain >= 0.97)}`,
      `those who ask for little are served ${percent(modest)} (goal >= 97 %): ${verdict(modest >= 0.97)}`,
    ],
  };
}

async function round(children: Children, { seed, variants }: RoundPlan): Promise<Run[]> {
  const rig = await startRig(children, {
    slots: SLOTS,
    slotMs: SLOT_MS,
    shedding: SHEDDING,
    peers: PEERS,
  });
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const phases = [
    { seconds: CALM_S, rps: 0.5 * capacity },
    { seconds: HOT_S, rps: LOAD * capacity },
  ];
  const parts = Array.from({ length: TENANTS }, (_, tenant) => (tenant === 0 ? GREED : 1));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  const tiers = parts.map((part, tenant) => ({
    name: `tenant-${tenant}`,
    share: part / whole,
    headers: { "x-tenant": `tenant-${tenant}` },
  }));
  const runs: Run[] = [];
  for (const variant of variants) {
    process.stderr.write(`tenants: seed ${seed}, ${variant}\n`);
    const done = await rig.run(variant, { phases, tiers, seed, deadlineMs: DEADLINE_MS });
    const counts = done.phases[1] ?? [];
    const got = counts.map(({ served }) => served);
    const asked = counts.map(({ offered }) => offered);
    runs.push({
      variant,
      jain: jainIndex(got, maxMin(asked, capacity * HOT_S)),
      modest: total(got.slice(1)) / total(asked.slice(1)),
      goodput: total(got) / (capacity * HOT_S),
      lateMs: done.latenessP99Ms,
    });
  }
  await rig.stop();
  return runs;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** What each would get of `whole` if nobody could get more without someone with less getting less. */
function maxMin(asked: readonly number[], whole: number): number[] {
  const parts = asked.map(() => 0);
  let left = whole;
  let open = [...asked.keys()].sort((a, b) => (asked[a] ?? 0) - (asked[b] ?? 0));
  while (open.length > 0) {
    const [least = 0, ...rest] = open;
    const part = Math.min(asked[least] ?? 0, left / open.length);
    parts[least] = part;
    left -= part;
    open = rest;
  }
  return parts;
}

function jainIndex(got: readonly number[], fair: readonly number[]): number {
  const ratios = got.map((value, index) => value / (fair[index] ?? 1));
  return total(ratios) ** 2 / (ratios.length * total(ratios.map((ratio) => ratio ** 2)));
}
