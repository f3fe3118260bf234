import type { Evidence } from "../../evidence/evidence.ts";
import type { ConditionFunctions } from "../../policy/cel/condition-functions.ts";

/** Notes the chance of what a condition asks, that it is above a bound, and gives it back. */
export type MakeClaim = (
  of: string,
  above: number,
  chance: number | undefined,
) => number | undefined;

type SignalFunctions = Pick<
  ConditionFunctions,
  "rate" | "anomaly" | "cost" | "forecast" | "age" | "pAbove" | "siemScore"
>;

/** What conditions ask of signals from outside. One that is not fresh has no values. */
export function signalFunctions(
  evidence: Evidence,
  tick: number,
  claim: MakeClaim,
): SignalFunctions {
  const isFresh = (signal: string) => evidence.signal(signal)?.state === "ok";
  const valuesOf = (signal: string, seconds: number): readonly number[] | undefined => {
    if (!isFresh(signal)) return undefined;
    const values = evidence.signalValues(signal, seconds).map(({ value }) => value);
    return values.length === 0 ? undefined : values;
  };
  return {
    rate: (signal, seconds) => {
      const values = valuesOf(signal, seconds);
      return values && values.reduce((sum, value) => sum + value, 0) / values.length;
    },
    anomaly: (signal) => anomalyOf(valuesOf(signal, 3600)),
    cost: (project, seconds) => {
      const signal = `cost.${project}`;
      return isFresh(signal) ? evidence.signalSum(signal, seconds) : undefined;
    },
    forecast: (signal, ahead, q) => {
      const values = isFresh(signal) ? evidence.signalValues(signal, 3600) : [];
      const seconds = ahead === "eod" ? 86_400 - (tick % 86_400) : ahead;
      return forecastOf(values, tick + seconds, q);
    },
    age: (signal) => evidence.signal(signal)?.ageSeconds,
    pAbove: (signal, x, seconds) => {
      const values = valuesOf(signal, seconds);
      if (values === undefined) return undefined;
      const above = values.filter((value) => value > x).length;
      return claim(signal, x, (above + 0.5) / (values.length + 1));
    },
    siemScore: (signal) => (isFresh(signal) ? evidence.signal(signal)?.value : undefined),
  };
}

/** Share of the past hour's values that lie nearer to their median than the newest does. */
function anomalyOf(values: readonly number[] | undefined): number | undefined {
  const newest = values?.at(-1);
  if (values === undefined || newest === undefined || values.length < 30) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? newest;
  const distance = Math.abs(newest - median);
  return values.filter((value) => Math.abs(value - median) < distance).length / values.length;
}

type Sampled = readonly { readonly tick: number; readonly value: number }[];

/** A straight line through the past hour, and the spread about it; undefined below 10 values. */
function forecastOf(values: Sampled, at: number, q: number): number | undefined {
  if (values.length < 10) return undefined;
  const n = values.length;
  const meanX = values.reduce((sum, { tick }) => sum + tick, 0) / n;
  const meanY = values.reduce((sum, { value }) => sum + value, 0) / n;
  const sxx = values.reduce((sum, { tick }) => sum + (tick - meanX) ** 2, 0);
  const sxy = values.reduce((sum, { tick, value }) => sum + (tick - meanX) * (value - meanY), 0);
  const slope = sxx === 0 ? 0 : sxy / sxx;
  const expected = meanY + slope * (at - meanX);
  const residuals = values
    .map(({ tick, value }) => value - meanY - slope * (tick - meanX))
    .sort((a, b) => a - b);
  return expected + (residuals[Math.min(n - 1, Math.floor(q * n))] ?? 0);
}
