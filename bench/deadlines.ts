import type { Children } from "../src/cli/children.ts";
import { percent } from "../src/cli/demo/figure.ts";
import type { TierCount } from "../src/cli/demo/load.ts";
import { capacityRps } from "../src/cli/demo/plan.ts";
import { latenessReason } from "../src/cli/demo/results.ts";
import { Shed } from "../src/core/shed.ts";
import { leastEnough, MARGIN_SEEDS, tryMargins } from "./law/margin.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { ADAPTIVE, ADAPTIVE_BEST, OURS, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * Requests that say how long their caller waits, 50 to 500 ms, at twice the capacity: how much of what is served comes
 * too late to be of use.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const DEADLINES_MS = [50, 100, 200, 500];
const LOAD = 2;
const [CALM_S, HOT_S] = [3, 12];

const PEERS = ADAPTIVE;

interface Run {
  readonly variant: string;
  /** Of each deadline, while hot. */
  readonly counts: readonly TierCount[];
  readonly sentLateMs: number;
}

export const deadlines: SeededBench<Run> = {
  name: "deadlines",
  seeds: { short: [501], full: [501, 502, 503, 504, 505, 506, 507, 508, 509, 510] },
  own: [OURS],
  peers: { short: Object.keys(ADAPTIVE_BEST), full: Object.keys(PEERS) },
  round,
  voidReason: ({ sentLateMs }) => latenessReason(sentLateMs),
  page,
};

/** Answers after the caller's deadline over all answers of the service. */
function lateOf(counts: readonly TierCount[]): number {
  const late = counts.reduce((sum, count) => sum + count.late, 0);
  return late / (late + counts.reduce((sum, count) => sum + count.served, 0));
}

const lateOfAll = ({ counts }: Run) => lateOf(counts);
const lateAt = (index: number) => (run: Run) => lateOf(run.counts.slice(index, index + 1));
const goodput = ({ counts }: Run) =>
  counts.reduce((sum, { served }) => sum + served, 0) / (capacityRps(SLOTS, SLOT_MS) * HOT_S);

const share = (value: number) => percent(value, 2);

function page(runs: readonly Run[], { seeds }: { seeds: string }): Page {
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  const late = median(of(OURS).map(lateOfAll));
  const margins = tryMargins();
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms, ${LOAD}x for ${HOT_S} s after ${CALM_S} s at 0.5x; a quarter of the requests each says ${DEADLINES_MS.join(", ")} ms in x-envoy-expected-rq-timeout-ms; one tier, 2 workers`,
      `margin of the law, ${new Shed().deadlineMargin}: chosen in virtual time on other loads and seeds ${MARGIN_SEEDS.join(", ")} as the least with which at most 0.5 % is late, ${leastEnough(margins) ?? "none"} (late/goodput there: ${margins.map((each) => `${each.margin} ${share(each.late)}/${each.goodput.toFixed(3)}`).join(", ")}); scored here on a real Envoy and seeds that were not looked at`,
      `${seeds}; load sent at most ${Math.max(...runs.map((run) => run.sentLateMs))} ms late (p99)`,
    ],
    table: [
      [
        "late of served",
        ...DEADLINES_MS.map((deadline) => `${deadline} ms`),
        "all",
        "goodput/capacity",
      ],
      ...variantsOf(runs).map((variant) => [
        variant,
        ...DEADLINES_MS.map((_, index) => withWorst(of(variant).map(lateAt(index)), share, "less")),
        withWorst(of(variant).map(lateOfAll), share, "less"),
        withWorst(of(variant).map(goodput), (value) => value.toFixed(3), "more"),
      ]),
    ],
    findings: [
      `served after their deadline ${share(late)} of the served (goal <= 0.5 %): ${verdict(late <= 0.005)}`,
    ],
  };
}

async function round(children: Children, { seed, variants }: RoundPlan): Promise<Run[]> {
  const rig = await startRig(children, {
    slots: SLOTS,
    slotMs: SLOT_MS,
    shedding: "  tiers: [{name: all}]\n",
    peers: PEERS,
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
  for (const variant of variants) {
    process.stderr.write(`deadlines: seed ${seed}, ${variant}\n`);
    const order = { phases, tiers, seed, deadlineMs: Math.max(...DEADLINES_MS) };
    const done = await rig.run(variant, order);
    runs.push({ variant, counts: done.phases[1] ?? [], sentLateMs: done.latenessP99Ms });
  }
  await rig.stop();
  return runs;
}
