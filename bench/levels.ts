import type { Children } from "../src/cli/children.ts";
import { ms, percent } from "../src/cli/demo/figure.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { type PhaseResult, type RunResult, toRunResult } from "../src/cli/demo/results.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE, OURS, startRig } from "./rig.ts";

/**
 * Four heights of overload, each from half load and with its onset counted, against a service whose times are exponential:
 * what is served, whether the critical tier notices, and what is shed where nothing need be.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const SHORT_SEEDS = [301];
const FULL_SEEDS = [301, 302, 303, 304, 305, 306, 307, 308, 309, 310];

const VARIANTS = [OURS, ...Object.keys(ADAPTIVE)];

const HEIGHTS = [1.2, 2, 5, 10] as const;
const CALM = { load: 0.5, seconds: 2 };
/** First a cold start at 80 %, then the reference. */
const PHASES = [
  { load: 0.8, seconds: 10 },
  { load: 0.5, seconds: 15 },
  ...HEIGHTS.flatMap((load) => [{ load, seconds: 8 }, CALM]),
];
const [COLD, REFERENCE, FIRST] = [0, 1, 2];

export async function benchLevels(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const seeds = isFull ? FULL_SEEDS : SHORT_SEEDS;
  const runs: RunResult[] = [];
  for (const seed of seeds) runs.push(...(await round(children, seed)));
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  return {
    setup: [
      `${SLOTS} slots, exponential times of mean ${SLOT_MS} ms, deadline ${DEADLINE_MS} ms, 2 Envoy workers, tiers 10/30/60 %`,
      `phases: 0.8x 10 s from a cold start, 0.5x 15 s, then ${HEIGHTS.map((height) => `${height}x`).join(", ")} for 8 s each with 0.5x 2 s after each; seeds ${seeds.join(", ")}; medians`,
      `critical p99 is over its own at 0.5x; at 10x the critical tier alone asks for all there is`,
      `void runs: ${runs.filter((run) => run.void !== undefined).length}; load sent at most ${Math.max(...runs.map((run) => run.latenessP99Ms))} ms late (p99)`,
    ],
    table: [
      [
        "",
        ...HEIGHTS.map((height) => `goodput ${height}x`),
        ...HEIGHTS.slice(0, 3).map((height) => `critical ${height}x`),
        "critical p99 2x",
        "5x",
        "shed cold 80%",
      ],
      ...VARIANTS.map((variant) => row(variant, of(variant))),
    ],
    findings: findings(of(OURS)),
  };
}

async function round(children: Children, seed: number): Promise<RunResult[]> {
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const phases = PHASES.map(({ load, seconds }) => ({ load, seconds, rps: load * capacity }));
  const results: RunResult[] = [];
  for (const variant of VARIANTS) {
    process.stderr.write(`levels: seed ${seed}, ${variant}\n`);
    const rig = await startRig(children, {
      slots: SLOTS,
      slotMs: SLOT_MS,
      times: "exponential",
      peers: ADAPTIVE,
    });
    const done = await rig.run(variant, { phases, tiers: TIERS, seed, deadlineMs: DEADLINE_MS });
    results.push(toRunResult({ variant, phases }, done, { tiers: TIERS, capacity }));
    await rig.stop();
  }
  return results;
}

function over(
  runs: readonly RunResult[],
  pick: (phases: readonly PhaseResult[]) => number,
): number {
  return median(runs.map(({ phases }) => pick(phases)));
}

/** Index of the phase of a height: each is followed by a calm one. */
function phaseOf(height: (typeof HEIGHTS)[number]): number {
  return FIRST + 2 * HEIGHTS.indexOf(height);
}

function goodput(runs: readonly RunResult[], height: (typeof HEIGHTS)[number]): number {
  return over(runs, (phases) => phases[phaseOf(height)]?.goodputRatio ?? 0);
}

function critical(runs: readonly RunResult[], height: (typeof HEIGHTS)[number]): number {
  return over(runs, (phases) => phases[phaseOf(height)]?.tiers[0]?.successRatio ?? 0);
}

/** p99 of the critical tier at a height over its p99 at half load. */
function slowdown(runs: readonly RunResult[], height: (typeof HEIGHTS)[number]): number {
  const p99 = (phases: readonly PhaseResult[], phase: number) =>
    phases[phase]?.tiers[0]?.p99Ms ?? Number.NaN;
  return over(runs, (phases) => p99(phases, phaseOf(height)) / p99(phases, REFERENCE));
}

function row(variant: string, runs: readonly RunResult[]): string[] {
  return [
    variant,
    ...HEIGHTS.map((height) => goodput(runs, height).toFixed(3)),
    ...HEIGHTS.slice(0, 3).map((height) => percent(critical(runs, height), 2)),
    ms(over(runs, (phases) => phases[phaseOf(2)]?.tiers[0]?.p99Ms ?? Number.NaN)),
    ms(over(runs, (phases) => phases[phaseOf(5)]?.tiers[0]?.p99Ms ?? Number.NaN)),
    percent(
      over(runs, (phases) => phases[COLD]?.shedRatio ?? 0),
      2,
    ),
  ];
}

function findings(ours: readonly RunResult[]): string[] {
  const least = Math.min(...HEIGHTS.map((height) => goodput(ours, height)));
  const success = Math.min(...([1.2, 2, 5] as const).map((height) => critical(ours, height)));
  const slow = Math.max(...([1.2, 2, 5] as const).map((height) => slowdown(ours, height)));
  const cold = over(ours, (phases) => phases[COLD]?.shedRatio ?? 0);
  return [
    `goodput at every height at least ${least.toFixed(3)} (goal >= 0.985): ${verdict(least >= 0.985)}`,
    `critical success up to 5x at least ${percent(success, 2)} (goal >= 99.9 %): ${verdict(success >= 0.999)}`,
    `critical p99 at most ${slow.toFixed(2)} times its own at half load (goal <= 1.2): ${verdict(slow <= 1.2)}`,
    `shed in 10 s of 80 % from a cold start ${percent(cold, 2)} (goal <= 0.3 %): ${verdict(cold <= 0.003)}`,
  ];
}
