import { median } from "../page.ts";
import {
  type CanaryJudge,
  flaggerLike,
  judgeOf,
  kayentaLike,
  naive,
  ours,
  p99,
} from "./canary-judges.ts";
import { type Regime, SLICE_SECONDS, type Step, trafficOf } from "./canary-traffic.ts";
import { shareText, wilson } from "./wilson.ts";

/** One line of the table: what, goal, ours, Kayenta-like, Flagger-like, naive. */
export interface Line {
  readonly cells: readonly string[];
  /** Of ours; undefined: the line has no goal. */
  readonly isMet?: boolean;
}

/** Rolled back how often, and after how many minutes. */
interface Found {
  readonly hits: number;
  readonly runs: number;
  readonly minutes: readonly number[];
}

function find(regime: Regime, make: () => CanaryJudge, runs: number, firstSeed: number): Found {
  const minutes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const judge = make();
    for (const slice of trafficOf(regime, firstSeed + run)) {
      if (!judge(slice)) continue;
      minutes.push(slice.second / 60);
      break;
    }
  }
  return { hits: minutes.length, runs, minutes };
}

export const AA_REGIMES: readonly Regime[] = [
  ...[2, 20, 200].flatMap((rps) =>
    [0.001, 0.005].map((base) => ({ name: `${rps} rps, ${base * 100} %`, rps, base })),
  ),
  { name: "20 rps, 0.5 %, each arm wobbles 45 % by minute", rps: 20, base: 0.005, ownShape: 5 },
  { name: "200 rps, 0.5 %, each arm wobbles 45 % by minute", rps: 200, base: 0.005, ownShape: 5 },
  { name: "200 rps, 0.5 %, each arm wobbles 71 % by minute", rps: 200, base: 0.005, ownShape: 2 },
  { name: "20 rps, 0.5 %, errors in bursts of 3", rps: 20, base: 0.005, burst: 3 },
  { name: "20 rps, 0.5 %, errors in bursts of 5", rps: 20, base: 0.005, burst: 5 },
  { name: "20 rps, 0.1 %, shared outage of 5 min", rps: 20, base: 0.001, hasOutage: true },
  { name: "20 rps, 0.5 %, base rate moves", rps: 20, base: 0.005, sharedSigma: 1 },
  { name: "20 rps, 0.5 %, cold start of 5x", rps: 20, base: 0.005, coldStart: 5 },
  { name: "200 rps, 0.5 %, cold start of 5x", rps: 200, base: 0.005, coldStart: 5 },
  { name: "20 rps, 0.5 %, with p90 p95 p99", rps: 20, base: 0.005, timeSigma: 0.6 },
];

export const MARGIN = 1.1;
const ABSOLUTE = 0.0005;

/** E1: nothing is wrong; goal: at most 1 %. `index` into `AA_REGIMES`. */
export function falseRollbackLine(
  index: number,
  runs: number,
  peerRuns: number,
  seed: number,
): Line {
  const regime = AA_REGIMES[index]!;
  const judge = judgeOf(MARGIN, regime.timeSigma !== undefined, ABSOLUTE);
  const found = find(regime, () => ours(judge), runs, seed);
  const peers = [() => kayentaLike(), () => flaggerLike(), () => naive()].map((make) =>
    find(regime, make, peerRuns, seed),
  );
  const cell = ({ hits, runs }: Found) => shareText(hits, runs);
  return {
    cells: [`A/A ${regime.name}`, "<= 1 %", cell(found), ...peers.map(cell)],
    isMet: found.hits / found.runs <= 0.01,
  };
}

interface Power {
  readonly regime: Regime;
  readonly margin: number;
  /** Least share found, or undefined: within 5 points of Kayenta-like; least times faster. */
  readonly least?: number;
  readonly faster?: number;
}

function powers(): readonly Power[] {
  const at = (rps: number, multiple: number, margin: number, faster?: number): Power => ({
    regime: { name: `${rps} rps, 0.5 %, ${multiple}x`, rps, base: 0.005, multiple },
    margin,
    ...(faster !== undefined && { faster }),
  });
  const moving = (rps: number): Power => ({
    regime: {
      name: `${rps} rps, 0.5 %, base rate moves, 2x`,
      rps,
      base: 0.005,
      multiple: 2,
      sharedSigma: 1,
    },
    margin: MARGIN,
    least: 0.95,
  });
  return [
    at(200, 1.5, 1),
    at(200, 1.5, MARGIN),
    at(200, 2, 1),
    at(200, 2, MARGIN),
    at(200, 2, 1.25),
    at(20, 3, MARGIN),
    at(20, 5, MARGIN, 2),
    at(200, 5, MARGIN, 2),
    at(200, 5, 1.25, 2),
    at(200, 20, MARGIN, 2),
    moving(20),
    moving(200),
  ];
}

/** E2, E3: the canary is worse. */
export function power(runs: number, seed: number): Line[] {
  return powers().map(({ regime, margin, least, faster }) => {
    note(`power ${regime.name}, margin ${margin}`);
    const found = find(regime, () => ours(judgeOf(margin, false)), runs, seed);
    const [kayenta, flagger, simple] = [
      () => kayentaLike(),
      () => flaggerLike(),
      () => naive(),
    ].map((make) => find(regime, make, runs, seed));
    const needed = least ?? kayenta!.hits / runs - 0.05;
    const ratio = median(kayenta!.minutes) / median(found.minutes);
    const isFast = faster === undefined || kayenta!.hits === 0 || ratio >= faster;
    const goal = least === undefined ? "Kayenta - 5 points" : `>= ${least * 100} %`;
    return {
      cells: [
        `found ${regime.name}, margin ${margin}`,
        faster === undefined ? goal : `${goal}, ${faster}x faster`,
        ...[found, kayenta!, flagger!, simple!].map(foundText),
      ],
      isMet: found.hits / runs >= needed && isFast,
    };
  });
}

/** A canary that is fine for 20 minutes; time since then. No goal. */
export function lateBreak(runs: number, seed: number): Line[] {
  return [5, 20, 100].map((multiple) => {
    const name = `50 rps, 1 %, ${multiple}x after 20 good minutes`;
    note(`late ${name}`);
    const regime: Regime = { name, rps: 50, base: 0.01, multiple, breaksAt: 1200 };
    const judges = [() => ours(judgeOf(MARGIN, false)), () => kayentaLike()];
    const found = judges.map((make) => {
      const { minutes, ...rest } = find(regime, make, runs, seed);
      return { ...rest, minutes: minutes.map((minute) => minute - 20) };
    });
    return { cells: [`found ${name}, margin ${MARGIN}`, "", ...found.map(foundText), "-", "-"] };
  });
}

/** E5: only some requests are slower; goal: half of the time of Mann and Whitney on the p99 at 3 %. */
export function latency(runs: number, seed: number): Line[] {
  const tails = [
    { timeSigma: 0.4, text: "p99 = 2.5 medians" },
    { timeSigma: 0.6, text: "p99 = 4 medians" },
  ];
  return tails.flatMap(({ timeSigma, text }) =>
    [0.01, 0.03, 0.1].map((slowPart) => {
      const name = `50 rps, ${text}, ${slowPart * 100} % 4 times slower`;
      const regime: Regime = { name, rps: 50, base: 0.001, slowPart, timeSigma };
      return latencyLine(regime, slowPart === 0.03, runs, seed);
    }),
  );
}

function latencyLine(regime: Regime, isGoal: boolean, runs: number, seed: number): Line {
  note(`latency ${regime.name}`);
  const found = find(regime, () => ours(judgeOf(MARGIN, true)), runs, seed);
  const kayenta = find(regime, () => kayentaLike(p99), runs, seed);
  const goal = isGoal ? "half of Kayenta's time" : "";
  const what = `found ${regime.name}, margin ${MARGIN}`;
  return {
    cells: [what, goal, foundText(found), foundText(kayenta), "-", "-"],
    ...(isGoal && { isMet: median(found.minutes) <= median(kayenta.minutes) / 2 }),
  };
}

const CAREFUL_STEPS: readonly Step[] = [
  { percent: 1, minutes: 2 },
  { percent: 5, minutes: 5 },
  { percent: 20, minutes: 10 },
  { percent: 50, minutes: 43 },
];
const FLAGGER_STEPS: readonly Step[] = [10, 20, 30, 40].map((percent) => ({ percent, minutes: 1 }));
const FLAGGER_HOUR: readonly Step[] = [...FLAGGER_STEPS, { percent: 50, minutes: 56 }];

/** E4: requests that failed and would not have at the stable version's rate. */
export function harm(runs: number, seed: number): Line[] {
  return [3, 10].map((multiple) => {
    note(`harm ${multiple}x`);
    const regime = { name: "", rps: 50, base: 0.005, multiple };
    const means = [
      meanHarm({ ...regime, steps: CAREFUL_STEPS }, () => ours(judgeOf(MARGIN, false)), runs, seed),
      meanHarm({ ...regime, steps: CAREFUL_STEPS }, () => kayentaLike(), runs, seed),
      meanHarm({ ...regime, steps: FLAGGER_HOUR }, () => flaggerLike(), runs, seed),
      meanHarm({ ...regime, steps: FLAGGER_HOUR }, () => ours(judgeOf(MARGIN, false)), runs, seed),
    ];
    return {
      cells: [
        `requests harmed by ${multiple}x at 50 rps, 0.5 % (last column: ours at Flagger's steps)`,
        "60 % fewer than Flagger",
        ...means.map((value) => value.toFixed(0)),
      ],
      isMet: means[0]! <= 0.4 * means[2]!,
    };
  });
}

function meanHarm(regime: Regime, make: () => CanaryJudge, runs: number, seed: number): number {
  const excess = regime.base * ((regime.multiple ?? 1) - 1);
  let harmed = 0;
  for (let run = 0; run < runs; run++) {
    const judge = make();
    for (const slice of trafficOf(regime, seed + run)) {
      harmed += slice.share * regime.rps * SLICE_SECONDS * excess;
      if (judge(slice)) break;
    }
  }
  return harmed / runs;
}

function foundText({ hits, runs, minutes }: Found): string {
  const { least, most } = wilson(hits, runs);
  const share = `${((100 * hits) / runs).toFixed(0)} % (${(100 * least).toFixed(0)}-${(100 * most).toFixed(0)})`;
  return hits === 0 ? share : `${share}, ${median(minutes).toFixed(1)} min`;
}

export function note(text: string): void {
  process.stderr.write(`decisions: ${text}\n`);
}
