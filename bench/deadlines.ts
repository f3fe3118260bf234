import type { Children } from "../src/cli/children.ts";
import { percent } from "../src/cli/demo/figure.ts";
import { capacityRps } from "../src/cli/demo/plan.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE, OURS, startRig } from "./rig.ts";

/**
 * Requests that say how long their caller waits, 50 to 500 ms, at twice the capacity: how much of what is served comes
 * too late to be of use.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const DEADLINES_MS = [50, 100, 200, 500];
const LOAD = 2;
const [CALM_S, HOT_S] = [3, 12];
const SHORT_SEEDS = [501];
const FULL_SEEDS = [501, 502, 503, 504, 505, 506, 507, 508, 509, 510];

const VARIANTS = [OURS, ...Object.keys(ADAPTIVE)];

interface Run {
  readonly variant: string;
  /** Answers after the caller's deadline over all answers of the service, per deadline and of all. */
  readonly late: readonly number[];
  readonly lateOfAll: number;
  readonly goodput: number;
  readonly sentLateMs: number;
}

export async function benchDeadlines(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const seeds = isFull ? FULL_SEEDS : SHORT_SEEDS;
  const runs: Run[] = [];
  for (const seed of seeds) runs.push(...(await round(children, seed)));
  const of = (variant: string, pick: (run: Run) => number) =>
    median(runs.filter((run) => run.variant === variant).map(pick));
  const late = of(OURS, (run) => run.lateOfAll);
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms, ${LOAD}x for ${HOT_S} s after ${CALM_S} s at 0.5x; a quarter of the requests each says ${DEADLINES_MS.join(", ")} ms in x-envoy-expected-rq-timeout-ms; one tier, 2 workers`,
      `seeds ${seeds.join(", ")}; medians; load sent at most ${Math.max(...runs.map((run) => run.sentLateMs))} ms late (p99)`,
    ],
    table: [
      [
        "late of served",
        ...DEADLINES_MS.map((deadline) => `${deadline} ms`),
        "all",
        "goodput/capacity",
      ],
      ...VARIANTS.map((variant) => [
        variant,
        ...DEADLINES_MS.map((_, index) =>
          percent(
            of(variant, (run) => run.late[index] ?? Number.NaN),
            2,
          ),
        ),
        percent(
          of(variant, (run) => run.lateOfAll),
          2,
        ),
        of(variant, (run) => run.goodput).toFixed(3),
      ]),
    ],
    findings: [
      `served after their deadline ${percent(late, 2)} of the served (goal <= 0.5 %): ${verdict(late <= 0.005)}`,
    ],
  };
}

async function round(children: Children, seed: number): Promise<Run[]> {
  const rig = await startRig(children, {
    slots: SLOTS,
    slotMs: SLOT_MS,
    shedding: "  tiers: [{name: all}]\n",
    peers: ADAPTIVE,
  });
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const phases = [
    { seconds: CALM_S, rps: 0.5 * capacity },
    { seconds: HOT_S, rps: LOAD * capacity },
  ];
  const tiers = DEADLINES_MS.map((deadlineMs) => ({
    name: `${deadlineMs} ms`,
    share: 1 / DEADLINES_MS.length,
    headers: { "x-envoy-expected-rq-timeout-ms": String(deadlineMs) },
    deadlineMs,
  }));
  const runs: Run[] = [];
  for (const variant of VARIANTS) {
    process.stderr.write(`deadlines: seed ${seed}, ${variant}\n`);
    const order = { phases, tiers, seed, deadlineMs: Math.max(...DEADLINES_MS) };
    const done = await rig.run(variant, order);
    const counts = done.phases[1] ?? [];
    const served = counts.reduce((sum, count) => sum + count.served, 0);
    const late = counts.reduce((sum, count) => sum + count.late, 0);
    runs.push({
      variant,
      late: counts.map((count) => count.late / (count.late + count.served)),
      lateOfAll: late / (late + served),
      goodput: served / (capacity * HOT_S),
      sentLateMs: done.latenessP99Ms,
    });
  }
  await rig.stop();
  return runs;
}
