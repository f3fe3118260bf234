import { type Fate, type Result, SLOT_MS, type Slot } from "./recorder.ts";

/**
 * One figure of several runs: its mean over them, of the limit's extremes the outermost.
 *
 *     good         answered in time over what the server could serve
 *     shed         share shed of the offered             tierN      share of tier N answered in time
 *     p99, top99   ms, of all answered, of the first tier's
 *     least, most  limit over the whole run
 *     recoverN     seconds from the N-th change of the slots to the first second that serves 95 % of what it can
 *     attempts     tries per request
 *     late         share of the served that nobody waited for any more
 *     jain         Jain's index of what tenants got over their max-min share
 *     compliant    share answered in time of all tenants but the first
 *     cov, worst   of the goodput of each second: deviation over mean; the least over capacity
 *     reversals    turns a minute of the requests in flight (means of 500 ms) that are more than 20 % apart
 */
export function figureOf(results: readonly Result[], figure: string): number {
  const values = results.map((result) => figureOfOne(result, figure));
  if (figure === "least") return Math.min(...values);
  return figure === "most" ? Math.max(...values) : mean(values);
}

type Figure = (result: Result, index: number) => number;

const FIGURES: Readonly<Record<string, Figure>> = {
  good: ({ good, capacity }) => good / capacity,
  shed: ({ tiers }) => sum(tiers, ({ shed }) => shed) / sum(tiers, ({ offered }) => offered),
  tier: ({ tiers }, index) => answered([tiers[index]!]),
  p: ({ rttsMs }, index) => quantile(rttsMs, index),
  top: ({ topRttsMs }, index) => quantile(topRttsMs, index),
  least: ({ leastLimit }) => leastLimit,
  most: ({ greatestLimit }) => greatestLimit,
  recover: recoverySeconds,
  attempts: ({ attempts, tiers }) => attempts / sum(tiers, ({ offered }) => offered),
  late: ({ late, served }) => late / served,
  jain,
  compliant: ({ tenants }) => answered(tenants.slice(1)),
  cov: ({ fromMs, slots }) => deviation(seconds(fromMs, slots, "good")),
  worst: ({ fromMs, slots }) =>
    Math.min(...seconds(fromMs, slots, "good")) / mean(seconds(fromMs, slots, "capacity")),
  reversals: reversalsPerMinute,
};

export function isFigure(name: string): boolean {
  return name.replace(/\d+$/, "") in FIGURES;
}

function figureOfOne(result: Result, figure: string): number {
  const name = figure.replace(/\d+$/, "");
  return FIGURES[name]!(result, Number(figure.slice(name.length)));
}

function answered(fates: readonly Fate[]): number {
  return sum(fates, ({ good }) => good) / sum(fates, ({ good, shed, lost }) => good + shed + lost);
}

/** The rest of the run if it never is. */
function recoverySeconds({ slots, slotChangesMs }: Result, change: number): number {
  const first = Math.ceil(slotChangesMs[change - 1]! / SLOT_MS);
  const last = slots.length - 1000 / SLOT_MS;
  const isRecovered = (at: number) => {
    const second = slots.slice(at, at + 1000 / SLOT_MS);
    const possible = Math.min(
      sum(second, ({ offered }) => offered),
      sum(second, ({ capacity }) => capacity),
    );
    return sum(second, ({ good }) => good) >= 0.95 * possible;
  };
  let at = first;
  while (at < last && !isRecovered(at)) at++;
  return ((at - first) * SLOT_MS) / 1000;
}

/** Over max-min shares of what the server could serve. https://en.wikipedia.org/wiki/Fairness_measure */
function jain({ tenants, capacity }: Result): number {
  const level = maxMinLevel(
    tenants.map(({ offered }) => offered),
    capacity,
  );
  const got = tenants.map(({ good, offered }) => good / Math.min(offered, level));
  return sum(got, (x) => x) ** 2 / (got.length * sum(got, (x) => x * x));
}

/** Nobody gets more than it asks for, nor more than this; together they get `capacity`. */
function maxMinLevel(asked: readonly number[], capacity: number): number {
  let left = capacity;
  const sorted = asked.toSorted((a, b) => a - b);
  for (const [at, amount] of sorted.entries()) {
    const level = left / (sorted.length - at);
    if (amount >= level) return level;
    left -= amount;
  }
  return Infinity;
}

function reversalsPerMinute({ fromMs, slots }: Result): number {
  const counted = slots.slice(fromMs / SLOT_MS);
  const each = 500 / SLOT_MS;
  const halves = Array.from({ length: Math.floor(counted.length / each) }, (_, at) =>
    sum(counted.slice(each * at, each * (at + 1)), ({ inflightMs }) => inflightMs),
  );
  let [high, low, direction, turns] = [halves[0]!, halves[0]!, 0, 0];
  for (const value of halves) {
    high = Math.max(high, value);
    low = Math.min(low, value);
    const turned =
      value > 1.2 * low && direction <= 0 ? 1 : value < high / 1.2 && direction >= 0 ? -1 : 0;
    if (turned === 0) continue;
    if (direction !== 0) turns += 1;
    direction = turned;
    high = value;
    low = value;
  }
  return turns / ((counted.length * SLOT_MS) / 60_000);
}

function seconds(fromMs: number, slots: readonly Slot[], key: keyof Slot): number[] {
  const perSecond = 1000 / SLOT_MS;
  const counted = slots.slice(fromMs / SLOT_MS);
  return Array.from({ length: Math.floor(counted.length / perSecond) }, (_, at) =>
    sum(counted.slice(at * perSecond, (at + 1) * perSecond), (slot) => slot[key]),
  );
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(sum(values, (value) => (value - middle) ** 2) / (values.length - 1)) / middle;
}

function mean(values: readonly number[]): number {
  return sum(values, (value) => value) / values.length;
}

function quantile(sorted: readonly number[], percent: number): number {
  return sorted[Math.floor((sorted.length * percent) / 100)] ?? 0;
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
