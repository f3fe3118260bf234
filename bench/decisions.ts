import type { Children } from "../src/cli/children.ts";
import { burnPages } from "./decisions/burn-experiment.ts";
import {
  harm,
  type Line,
  lateBreak,
  latency,
  MARGIN,
  power,
} from "./decisions/canary-experiments.ts";
import { drifts } from "./decisions/drift.ts";
import { dayReplay, engineTickCost } from "./decisions/engine-cost.ts";
import { falseRollbacks } from "./decisions/false-rollbacks.ts";
import { noOps } from "./decisions/no-op.ts";
import { tickCost } from "./decisions/tick-cost.ts";
import { toggles } from "./decisions/toggles.ts";
import type { Page } from "./page.ts";

/** Runs of: A/A of ours, of peers; found; latency; months; outages; loads; no-ops; drifts. */
export const SIZES = {
  short: {
    aa: 200,
    peers: 50,
    power: 60,
    latency: 40,
    months: 3,
    outages: 30,
    loads: 2,
    noOps: 200,
    drifts: 20,
  },
  full: {
    aa: 10_000,
    peers: 500,
    power: 500,
    latency: 300,
    months: 60,
    outages: 200,
    loads: 4,
    noOps: 1000,
    drifts: 100,
  },
};
/** Not one of the seeds from 1 on that constants were set with. */
const SEED = 1_000_001;

/** The judgements of the control plane beside those of others, restated as plain functions, on the same traffic. */
export async function benchDecisions(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const sizes = SIZES[isFull ? "full" : "short"];
  const lines = [
    ...(await falseRollbacks(children, { runs: sizes.aa, peerRuns: sizes.peers, seed: SEED })),
    ...power(sizes.power, SEED),
    ...lateBreak(sizes.power, SEED),
    ...latency(sizes.latency, SEED),
    ...harm(sizes.power, SEED),
    ...burnPages(sizes.months, sizes.outages, SEED),
    ...toggles(sizes.loads, SEED),
    ...noOps(sizes.noOps, SEED),
    ...drifts(sizes.drifts, SEED),
    tickCost(SEED),
    await engineTickCost(SEED),
    await dayReplay(SEED, { hours: isFull ? 24 : 1 }),
  ];
  return pageOf(lines, sizes);
}

export function pageOf(lines: readonly Line[], sizes: (typeof SIZES)["short"]): Page {
  return {
    setup: [
      "no Envoy, no clock: traffic is drawn in slices of 10 s, an hour of canary at 5, 10, 20, 30, 50 %, requests Poisson with a sine and 5 % noise, errors binomial",
      `constants were set on seeds 1 to 500, everything here is scored on seeds from ${SEED} on; in brackets 95 % intervals by Wilson; runs: ${sizes.aa} of ours without a fault, ${sizes.peers} of peers, ${sizes.power} with one`,
      `ours: alpha 1 %, margin (relative risk that is granted) ${MARGIN} unless the line says otherwise, least excess 0.05 points in A/A and none where power is scored`,
      "Kayenta-like: Mann and Whitney at 98 %, bound a quarter of the shift, rates by minute, first look after 10 minutes, then every 5; Flagger-like: 5 checks of a minute below 99 %; naive: twice the stable rate in one minute",
      "lines on pages: Google's pairs behind a posterior of 95 %, Google's pairs, 14.4 times in 5 minutes stand in the columns of the peers; lines on moves: ours without a filter, hysteresis, one threshold",
    ],
    table: [
      ["", "goal", "quantum mesh", "Kayenta-like", "Flagger-like", "naive"],
      ...lines.map(({ cells, isMet }) =>
        cells.map((cell, at) => (at === 2 && isMet === false ? `${cell} !` : cell)),
      ),
    ],
    findings: findings(lines),
  };
}

function findings(lines: readonly Line[]): string[] {
  const scored = lines.filter(({ isMet }) => isMet !== undefined);
  const missed = scored.filter(({ isMet }) => isMet === false);
  return [
    `goals missed (marked !): ${missed.length} of ${scored.length}`,
    ...missed.map(({ cells }) => `  - ${cells[0]}${reasonOf(cells[0] ?? "")}`),
  ];
}

/** Why a goal is missed, where that is known. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /wobbles 71 %/,
    "half of them in the first 9 minutes: a canary whose first minutes are four times as bad as usual, by a wobble of its own, cannot be told from a worse one before some minutes have shown how much it wobbles; supposing three times the wobble from the start left 2.8 % of 4.0 % on tuning seeds, and cost a third of the time for 5 times the errors at 200 rps; a higher end of what counts as scatter changed nothing",
  ],
  [
    /p99 = 4 medians, 3 %/,
    "at 5 % of 50 rps a canary with 2.5 times the requests above the p99 gives 1 nat of evidence a minute, and 8 are needed: 4.6 for alpha, 1.4 since four signals share it, 1.5 for not knowing how much worse it is; taking over-dispersion for none saves a seventh of the time, and by a rough estimate the whole histogram, with the fault known beforehand, has no more than 1.5 nats a minute",
  ],
  [
    /planted drift/,
    "a Policy acts on the first trouble before any of its chances was scored; where half minutes that are bad or good by chance happen to come in spells, its chances come true for that long, and it trusts them and acts again; an alarm at 0.6, not 1, would be set off by the beginning and end of a single fault, and one at 0.8, which comes after 7.4 min where this takes 9.1 on tuning seeds, by faults of 1 to 3 minutes every 10 in 5 spans of 4 hours of 8, where this is in 2; to score the half minute after the next one let it act more often",
  ],
  [
    /20 rps, 0.5 %, 5x/,
    "at 5 % of 20 rps 5 times the errors give 1 nat of evidence a minute, and 7 are needed; betting mostly on 4 times, with over-dispersion learned more slowly, came to 7.5 min on tuning seeds where this came to 8.2, and to 7.7 with false alarms of wobbling arms as few as they are",
  ],
];

function reasonOf(what: string): string {
  const found = REASONS.find(([pattern]) => pattern.test(what));
  return found === undefined ? "" : `: ${found[1]}`;
}
