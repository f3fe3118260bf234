import type { Children } from "../src/cli/children.ts";
import { ms, percent } from "../src/cli/demo/figure.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import {
  type PhaseResult,
  type RunResult,
  toRunResult,
  validRuns,
} from "../src/cli/demo/results.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE, ADAPTIVE_BEST, OURS, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * Four heights of overload, each from half load and with its onset counted, against a service whose times are exponential:
 * what is served, whether the critical tier notices, and what is shed where nothing need be.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const PEERS = ADAPTIVE;

const HEIGHTS = [1.2, 2, 5, 10] as const;
const CALM = { load: 0.5, seconds: 2 };
/** First a cold start at 80 %, then the reference. */
const PHASES = [
  { load: 0.8, seconds: 10 },
  { load: 0.5, seconds: 15 },
  ...HEIGHTS.flatMap((load) => [{ load, seconds: 8 }, CALM]),
];
const [COLD, REFERENCE, FIRST] = [0, 1, 2];

export const levels: SeededBench<RunResult> = {
  name: "levels",
  seeds: { short: [301], full: [301, 302, 303, 304, 305, 306, 307, 308, 309, 310] },
  own: [OURS],
  peers: { short: Object.keys(ADAPTIVE_BEST), full: Object.keys(PEERS) },
  round,
  voidReason: ({ void: reason }) => reason,
  page,
};

async function round(children: Children, { seed, variants }: RoundPlan): Promise<RunResult[]> {
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const phases = PHASES.map(({ load, seconds }) => ({ load, seconds, rps: load * capacity }));
  const results: RunResult[] = [];
  for (const variant of variants) {
    process.stderr.write(`levels: seed ${seed}, ${variant}\n`);
    const rig = await startRig(children, {
      slots: SLOTS,
      slotMs: SLOT_MS,
      times: "exponential",
      peers: PEERS,
    });
    const done = await rig.run(variant, { phases, tiers: TIERS, seed, deadlineMs: DEADLINE_MS });
    results.push(toRunResult({ variant, phases }, done, { tiers: TIERS, capacity }));
    await rig.stop();
  }
  return results;
}

function page(all: readonly RunResult[], { seeds }: { seeds: string }): Page {
  const runs = validRuns(all);
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  return {
    setup: [
      `${SLOTS} slots, exponential times of mean ${SLOT_MS} ms, deadline ${DEADLINE_MS} ms, 2 Envoy workers, tiers 10/30/60 %`,
      `phases: 0.8x 10 s from a cold start, 0.5x 15 s, then ${HEIGHTS.map((height) => `${height}x`).join(", ")} for 8 s each with 0.5x 2 s after each; ${seeds}`,
      "over 0.5x: the greatest critical p99 up to 5x over the critical tier's own at 0.5x; at 10x the critical tier alone asks for all there is",
      `void runs, not counted: ${all.length - runs.length}; load sent at most ${Math.max(...runs.map((run) => run.latenessP99Ms))} ms late (p99)`,
    ],
    table: [
      [
        "",
        ...HEIGHTS.map((height) => `goodput ${height}x`),
        ...HEIGHTS.map((height) => `critical ${height}x`),
        ...BELOW.map((height) => `critical p99 ${height}x`),
        "over 0.5x",
        "shed cold 80%",
      ],
      ...variantsOf(runs).map((variant) => row(variant, of(variant))),
    ],
    findings: findings(of(OURS)),
  };
}

type Height = (typeof HEIGHTS)[number];
/** At 10x the critical tier alone asks for all there is, and what it then waits is no one's fault. */
const BELOW: readonly Height[] = [1.2, 2, 5];

/** Index of the phase of a height: each is followed by a calm one. */
function atHeight({ phases }: RunResult, height: Height): PhaseResult | undefined {
  return phases[FIRST + 2 * HEIGHTS.indexOf(height)];
}

const goodput = (height: Height) => (run: RunResult) => atHeight(run, height)?.goodputRatio ?? 0;

const critical = (height: Height) => (run: RunResult) =>
  atHeight(run, height)?.tiers[0]?.successRatio ?? 0;

const criticalP99 = (height: Height) => (run: RunResult) =>
  atHeight(run, height)?.tiers[0]?.p99Ms ?? 0;

/** The greatest p99 of the critical tier, up to 5x, over its p99 at half load. */
function slowdown(run: RunResult): number {
  const reference = run.phases[REFERENCE]?.tiers[0]?.p99Ms ?? Number.NaN;
  return Math.max(...BELOW.map((height) => criticalP99(height)(run))) / reference;
}

const shedCold = ({ phases }: RunResult) => phases[COLD]?.shedRatio ?? 0;

const ratio = (value: number) => value.toFixed(3);
const share = (value: number) => percent(value, 2);

function row(variant: string, runs: readonly RunResult[]): string[] {
  return [
    variant,
    ...HEIGHTS.map((height) => withWorst(runs.map(goodput(height)), ratio, "more")),
    ...HEIGHTS.map((height) => withWorst(runs.map(critical(height)), share, "more")),
    ...BELOW.map((height) => withWorst(runs.map(criticalP99(height)), ms, "less")),
    withWorst(runs.map(slowdown), (value) => value.toFixed(2), "less"),
    withWorst(runs.map(shedCold), share, "less"),
  ];
}

function findings(ours: readonly RunResult[]): string[] {
  const least = Math.min(...HEIGHTS.map((height) => median(ours.map(goodput(height)))));
  const success = Math.min(...BELOW.map((height) => median(ours.map(critical(height)))));
  const most = median(ours.map(critical(10)));
  const slow = median(ours.map(slowdown));
  const cold = median(ours.map(shedCold));
  return [
    `goodput at every height at least ${ratio(least)} (goal >= 0.985): ${verdict(least >= 0.985)}`,
    `critical success up to 5x at least ${share(success)} (goal >= 99.9 %): ${verdict(success >= 0.999)}; at 10x ${share(most)}: ${verdict(most >= 0.999)}`,
    `critical p99 at most ${slow.toFixed(2)} times its own at half load (goal <= 1.2): ${verdict(slow <= 1.2)}`,
    `shed in 10 s of 80 % from a cold start ${share(cold)} (goal <= 0.3 %): ${verdict(cold <= 0.003)}`,
  ];
}
