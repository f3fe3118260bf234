import type { Children } from "../src/cli/children.ts";
import { ms, percent } from "../src/cli/demo/figure.ts";
import { ADAPTIVE_DOCS, ADAPTIVE_TUNED, admissionControl } from "../src/cli/demo/peers.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { type RunResult, toRunResult, validRuns } from "../src/cli/demo/results.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE, FILTER_OFF, OURS, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * Overload, side by side on one real Envoy: 16 slots of 20 ms, three tiers, five times capacity after half and
 * eight tenths of it. Each round has a new Envoy, so the first 3 s are a cold start.
 */
const SLOTS = 16;
const SLOT_MS = 20;

const PEERS = { ...FILTER_OFF, ...ADAPTIVE, admission_control: [admissionControl()] };

const LOADS = [0.5, 0.5, 0.8, 5] as const;
const SECONDS = { short: [3, 3, 6, 8], full: [3, 6, 10, 12] } as const;

export const overload: SeededBench<RunResult> = {
  name: "overload",
  seeds: { short: [101], full: [101, 102, 103, 104, 105, 106, 107, 108, 109, 110] },
  own: [OURS],
  peers: { short: Object.keys(PEERS), full: Object.keys(PEERS) },
  round,
  voidReason: ({ void: reason }) => reason,
  page,
};

function page(
  all: readonly RunResult[],
  { seeds, isFull }: { seeds: string; isFull: boolean },
): Page {
  const [cold, calm, high, hot] = SECONDS[isFull ? "full" : "short"];
  const runs = validRuns(all);
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms (${capacityRps(SLOTS, SLOT_MS)} requests a second), deadline ${DEADLINE_MS} ms, 2 Envoy workers, tiers 10/30/60 %`,
      `phases: 0.5x ${cold + calm} s from a cold start, 0.8x ${high} s, 5x ${hot} s; ${seeds}`,
      `adaptive_concurrency docs: p${ADAPTIVE_DOCS.percentile}, buffer ${ADAPTIVE_DOCS.bufferPercent} %; tuned: p${ADAPTIVE_TUNED.percentile}, buffer ${ADAPTIVE_TUNED.bufferPercent} %; both 100 ms updates, minRTT every 60 s; admission_control: defaults, window 10 s`,
      `load: sent at most ${Math.max(...runs.map((run) => run.latenessP99Ms))} ms late (p99), its core at most ${percent(Math.max(...runs.map((run) => run.busyRatio)), 0)} busy; void runs, not counted: ${all.length - runs.length}`,
    ],
    table: [
      [
        "",
        "goodput/capacity 5x",
        "critical 5x",
        "default 5x",
        "critical p99 5x",
        "shed first 3 s 50%",
        "shed 50%",
        "shed 80%",
      ],
      ...variantsOf(runs).map((variant) =>
        row(
          variant,
          runs.filter((run) => run.variant === variant),
        ),
      ),
    ],
    findings: findings(runs),
  };
}

async function round(
  children: Children,
  { seed, variants, isFull }: RoundPlan,
): Promise<RunResult[]> {
  const rig = await startRig(children, { slots: SLOTS, slotMs: SLOT_MS, peers: PEERS });
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const seconds = SECONDS[isFull ? "full" : "short"];
  const phases = LOADS.map((load, index) => ({
    load,
    seconds: seconds[index] ?? 0,
    rps: load * capacity,
  }));
  const results: RunResult[] = [];
  for (const variant of variants) {
    process.stderr.write(`overload: seed ${seed}, ${variant}\n`);
    const done = await rig.run(variant, { phases, tiers: TIERS, seed, deadlineMs: DEADLINE_MS });
    results.push(toRunResult({ variant, phases }, done, { tiers: TIERS, capacity }));
  }
  await rig.stop();
  return results;
}

/** The hot phase. */
const HOT = 3;
const goodputAt = ({ phases }: RunResult) => phases[HOT]?.goodputRatio ?? 0;
const servedOf = (tier: number) => (run: RunResult) =>
  run.phases[HOT]?.tiers[tier]?.successRatio ?? 0;
const criticalP99 = ({ phases }: RunResult) => phases[HOT]?.tiers[0]?.p99Ms ?? 0;
const shedIn = (phase: number) => (run: RunResult) => run.phases[phase]?.shedRatio ?? 0;
const share = (value: number) => percent(value, 2);

function row(variant: string, runs: readonly RunResult[]): string[] {
  return [
    variant,
    withWorst(runs.map(goodputAt), (value) => value.toFixed(3), "more"),
    withWorst(runs.map(servedOf(0)), share, "more"),
    withWorst(runs.map(servedOf(1)), (value) => percent(value), "more"),
    withWorst(runs.map(criticalP99), ms, "less"),
    ...[0, 1, 2].map((phase) => withWorst(runs.map(shedIn(phase)), share, "less")),
  ];
}

function findings(runs: readonly RunResult[]): string[] {
  const ours = runs.filter(({ variant }) => variant === OURS);
  const goodput = median(ours.map(goodputAt));
  const critical = median(ours.map(servedOf(0)));
  const shed = median(ours.map(shedIn(2)));
  return [
    `goodput at 5x ${goodput.toFixed(3)} of capacity (goal >= 0.93): ${verdict(goodput >= 0.93)}`,
    `critical success at 5x ${percent(critical, 2)} (goal >= 99 %): ${verdict(critical >= 0.99)}`,
    `false sheds at 80 % load ${percent(shed, 2)} (goal <= 0.5 %): ${verdict(shed <= 0.005)}`,
  ];
}

export function verdict(isReached: boolean): string {
  return isReached ? "reached" : "NOT reached";
}
