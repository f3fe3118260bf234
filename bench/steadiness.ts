import type { Children } from "../src/cli/children.ts";
import { percent } from "../src/cli/demo/figure.ts";
import { capacityRps, DEADLINE_MS, TIERS } from "../src/cli/demo/plan.ts";
import { latenessReason } from "../src/cli/demo/results.ts";
import { runLoad } from "../src/cli/demo/run.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { toInterval } from "./recovery.ts";
import { ADAPTIVE, OURS, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";

/**
 * How even the goodput of a steady overload is from second to second, beside the service's own unevenness: the same
 * service asked directly, never idle, each answer counted whenever it comes.
 */
const SLOTS = 16;
const SLOT_MS = 20;
const LOAD = 2;
const [SHORT_S, FULL_S] = [20, 30];
/** From half load up: what the onset does belongs to other pages. */
const [CALM_S, ONSET_S] = [2, 2];
const REVERSAL = 0.2;

const FLOOR = "the service alone";
const PEERS = ADAPTIVE;
const OWN = [FLOOR, OURS];

interface Run {
  readonly variant: string;
  /** Served in each second. */
  readonly seconds: readonly number[];
  readonly lateMs: number;
}

export const steadiness: SeededBench<Run> = {
  name: "steadiness",
  seeds: { short: [601], full: [601, 602, 603, 604, 605, 606, 607, 608, 609, 610] },
  own: OWN,
  peers: { short: [], full: Object.keys(PEERS) },
  round,
  voidReason: ({ lateMs }) => latenessReason(lateMs),
  page,
};

function page(runs: readonly Run[], { seeds, isFull }: { seeds: string; isFull: boolean }): Page {
  const length = isFull ? FULL_S : SHORT_S;
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  const middle = (variant: string) => median(of(variant).map(variation));
  const ratio = middle(OURS) / middle(FLOOR);
  const reversals = median(of(OURS).map(reversalsPerMinute));
  return {
    setup: [
      `${SLOTS} slots, exponential times of mean ${SLOT_MS} ms, ${LOAD}x for ${length} s, its first ${ONSET_S} s not counted, after ${CALM_S} s at 0.5x; deadline ${DEADLINE_MS} ms, 2 workers`,
      `${seeds}; a reversal is a change of more than ${percent(REVERSAL, 0)} of the mean after one in the other direction`,
    ],
    table: [
      ["", "coefficient of variation", "over the service's", "worst second", "reversals a minute"],
      ...variantsOf(runs).map((variant) => [
        variant,
        withWorst(of(variant).map(variation), (value) => value.toFixed(4), "less"),
        (middle(variant) / middle(FLOOR)).toFixed(2),
        withWorst(of(variant).map(worstSecond), (value) => value.toFixed(3), "more"),
        withWorst(of(variant).map(reversalsPerMinute), (value) => value.toFixed(1), "less"),
      ]),
    ],
    findings: [
      `coefficient of variation ${ratio.toFixed(2)} times the service's own (goal <= 1.1): ${verdict(ratio <= 1.1)}`,
      `reversals ${reversals.toFixed(1)} a minute (goal <= 10): ${verdict(reversals <= 10)}`,
    ],
  };
}

async function round(children: Children, { seed, variants, isFull }: RoundPlan): Promise<Run[]> {
  const length = isFull ? FULL_S : SHORT_S;
  const options = { slots: SLOTS, slotMs: SLOT_MS, times: "exponential" } as const;
  const rig = await startRig(children, { ...options, peers: PEERS });
  const capacity = capacityRps(SLOTS, SLOT_MS);
  const phases = [
    { seconds: CALM_S, rps: 0.5 * capacity },
    { seconds: length, rps: LOAD * capacity },
  ];
  // Just above what it can serve: more would only make the queue longer.
  const neverIdle = [{ seconds: CALM_S + length, rps: 1.15 * capacity }];
  const runs: Run[] = [];
  for (const variant of variants) {
    process.stderr.write(`steadiness: seed ${seed}, ${variant}\n`);
    const seconds: number[] = [];
    const order = { phases, tiers: TIERS, seed, deadlineMs: DEADLINE_MS };
    if (variant === FLOOR) rig.service.reset();
    const { latenessP99Ms } =
      variant === FLOOR
        ? await runLoad(
            children,
            { ...order, phases: neverIdle, port: rig.service.port },
            ({ tiers }) => {
              seconds.push(tiers.reduce((sum, tier) => sum + tier.served + tier.late, 0));
            },
          )
        : await rig.run(variant, order, ({ tiers }) => seconds.push(toInterval(tiers).served));
    const counted = seconds.slice(CALM_S + ONSET_S, CALM_S + length);
    runs.push({ variant, seconds: counted, lateMs: latenessP99Ms });
  }
  await rig.stop();
  return runs;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variation({ seconds }: Run): number {
  const middle = mean(seconds);
  return Math.sqrt(mean(seconds.map((value) => (value - middle) ** 2))) / middle;
}

function worstSecond({ seconds }: Run): number {
  return Math.min(...seconds) / capacityRps(SLOTS, SLOT_MS);
}

function reversalsPerMinute({ seconds }: Run): number {
  const big = REVERSAL * mean(seconds);
  const moves = seconds.slice(1).map((value, index) => value - (seconds[index] ?? value));
  const turns = moves.filter((move, index) => {
    const before = moves[index - 1] ?? 0;
    return Math.abs(move) > big && Math.abs(before) > big && move * before < 0;
  });
  return (turns.length * 60) / seconds.length;
}
