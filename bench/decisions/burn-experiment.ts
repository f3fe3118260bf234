import type { Balance } from "../../src/decide/stats/burn.ts";
import { burn } from "../../src/decide/stats/burn.ts";
import { burnPage } from "../../src/decide/stats/burn-gate.ts";
import { pRateAbove } from "../../src/decide/stats/rate-posterior.ts";
import { Random } from "../law/random.ts";
import { median } from "../page.ts";
import { type Line, note } from "./canary-experiments.ts";
import { binomial, poisson } from "./draws.ts";

/** Whether a rule pages now; asks for the balance of the last seconds. */
type Pager = (balanceOf: (seconds: number) => Balance) => boolean;

const TARGET = 0.999;
const DAY = 86_400;
const SLO = { target: TARGET, windowSeconds: 30 * DAY };
const RATES = [0.01, 0.05, 0.2, 1, 10, 100];

const ours: Pager = (balanceOf) => burnPage(balanceOf, SLO)?.severity === "page";

const isAbove = (balanceOf: (seconds: number) => Balance, seconds: number, factor: number) =>
  (burn(balanceOf(seconds), TARGET) ?? 0) > factor;

const googlePairs: Pager = (balanceOf) =>
  (isAbove(balanceOf, 300, 14.4) && isAbove(balanceOf, 3600, 14.4)) ||
  (isAbove(balanceOf, 1800, 6) && isAbove(balanceOf, 6 * 3600, 6));

/** Google's pairs where the posterior of the long window's rate agrees with 95 %. */
const posterior: Pager = (balanceOf) =>
  googlePairs(balanceOf) &&
  [3600, 6 * 3600].some((seconds) => {
    const { bad, total } = balanceOf(seconds);
    return pRateAbove(bad, total, 6 * (1 - TARGET), 1 - TARGET) > 0.95;
  });

const naive: Pager = (balanceOf) => isAbove(balanceOf, 300, 14.4);

const PAGERS = [ours, posterior, googlePairs, naive];

/** E6. Columns: ours, Google's pairs behind a posterior of 95 %, Google's pairs, 14.4 times in 5 minutes. */
export function burnPages(months: number, outages: number, seed: number): Line[] {
  return [
    ...RATES.map((rps) => falsePages(rps, months, seed)),
    ...RATES.map((rps) => detection(rps, 1, 300, outages, seed)),
    ...RATES.slice(0, 4).map((rps) => detection(rps, 0.05, 3600, outages, seed)),
  ];
}

/** Healthy, at half of the budget. Somebody who was woken is not woken again within the hour. */
function falsePages(rps: number, months: number, seed: number): Line {
  note(`false pages, ${rps} rps`);
  const pages = PAGERS.map(() => 0);
  for (let month = 0; month < months; month++) {
    const history = new History(60, new Random(seed * 7919 + month * 104_729));
    const quietUntil = PAGERS.map(() => 0);
    for (let minute = 1; minute <= (30 * DAY) / 60; minute++) {
      history.add(rps, (1 - TARGET) / 2);
      if (history.isCalm()) continue;
      PAGERS.forEach((pager, at) => {
        if (minute < quietUntil[at]! || !pager(history.balanceOf)) return;
        pages[at]!++;
        quietUntil[at] = minute + 60;
      });
    }
  }
  const means = pages.map((count) => count / months);
  // 3 / n: the upper end of the 95 % interval of a count of 0.
  const texts = means.map((mean, at) =>
    pages[at] === 0
      ? `0 (< ${(3 / months).toPrecision(2)})`
      : `${mean.toFixed(2)} +- ${(1.96 * Math.sqrt(mean / months)).toFixed(2)}`,
  );
  return {
    cells: [`false pages in 30 days, ${rps} rps`, "<= 0.1", ...texts],
    isMet: means[0]! <= 0.1,
  };
}

function detection(
  rps: number,
  rate: number,
  goalSeconds: number,
  runs: number,
  seed: number,
): Line {
  note(`found ${rate} at ${rps} rps`);
  const found = PAGERS.map((): number[] => []);
  const limit = 6 * 3600;
  for (let run = 0; run < runs; run++) {
    const history = new History(10, new Random(seed * 7919 + run * 104_729 + 13));
    for (let at = 0; at < limit; at += 10) history.add(rps, (1 - TARGET) / 2);
    const open = new Set(PAGERS.keys());
    for (let at = 10; at <= limit && open.size > 0; at += 10) {
      history.add(rps, rate);
      for (const which of open) {
        if (!PAGERS[which]!(history.balanceOf)) continue;
        found[which]!.push(at);
        open.delete(which);
      }
    }
  }
  const text = (seconds: readonly number[]) =>
    seconds.length * 2 < runs
      ? `${((100 * seconds.length) / runs).toFixed(0)} % in 6 h`
      : `${(medianOf(seconds, runs) / 60).toFixed(1)} min`;
  const what = rate === 1 ? "an outage" : `${rate * 100} % errors`;
  const isScored = rate === 1 || rps >= 0.05;
  return {
    cells: [
      `median time to page ${what}, ${rps} rps`,
      isScored ? `<= ${goalSeconds / 60} min` : "",
      ...found.map(text),
    ],
    ...(isScored && { isMet: medianOf(found[0]!, runs) <= goalSeconds }),
  };
}

/** What was not found counts as never. */
function medianOf(seconds: readonly number[], runs: number): number {
  const missing = Array.from({ length: runs - seconds.length }, () => Number.POSITIVE_INFINITY);
  return median([...seconds, ...missing]);
}

/** Sums by bin, so that any window is two look-ups. */
class History {
  private readonly bad: number[] = [0];
  private readonly total: number[] = [0];

  constructor(
    private readonly binSeconds: number,
    private readonly random: Random,
  ) {
    for (let warm = 0; warm < 8; warm++) random.next();
  }

  add(rps: number, rate: number): void {
    const requests = poisson(this.random, rps * this.binSeconds);
    this.total.push(this.total.at(-1)! + requests);
    this.bad.push(this.bad.at(-1)! + binomial(this.random, requests, rate));
  }

  /** Nothing bad for 3 days: no rule can fire. */
  isCalm(): boolean {
    return this.balanceOf(3 * DAY).bad === 0;
  }

  readonly balanceOf = (seconds: number): Balance => {
    const from = Math.max(0, this.total.length - 1 - Math.round(seconds / this.binSeconds));
    return {
      bad: this.bad.at(-1)! - this.bad[from]!,
      total: this.total.at(-1)! - this.total[from]!,
    };
  };
}
