import type { Judge } from "../../policy/intent/judge.ts";
import { addEvents, worseEvidence } from "./arm-comparison.ts";
import type { CanaryEvidence } from "./canary.ts";
import type { SignalVerdict, Verdict } from "./canary-verdict.ts";

/** Why nothing is judged. */
export function splitText({ sampleRatio: { canary, requests, share } }: CanaryEvidence): string {
  return `the canary gets ${percent(canary / Math.max(1, requests))} of the requests and not the ${percent(share)} that are set, so nothing is judged`;
}

/** One sentence part, without a full stop. */
export function textOf(
  kind: Verdict["kind"],
  signals: readonly SignalVerdict[],
  judge: Judge,
): string {
  const leading = leadingOf(signals);
  if (leading === undefined) return "nothing is judged";
  if (kind === "safe") {
    return `no signal is ${judge.safe.relativeRisk} times as bad as the stable version's; the least shown is ${compared(leading)}`;
  }
  const needed = `evidence ${figure(leading.eWorse)} of the ${figure(leading.limit)} needed`;
  return `${compared(leading)}, ${needed}`;
}

function compared({ name, canary, stable, multiple }: SignalVerdict): string {
  return `${name} ${canary.bad} of ${canary.of} against ${stable.bad} of ${stable.of}, ${figure(multiple)} times`;
}

function leadingOf(signals: readonly SignalVerdict[]): SignalVerdict | undefined {
  const ratio = ({ counts, eWorse, limit }: SignalVerdict) =>
    (counts ? 1 : 1e-6) * (eWorse / limit);
  return signals.reduce<SignalVerdict | undefined>(
    (best, each) => (best === undefined || ratio(each) > ratio(best) ? each : best),
    undefined,
  );
}

/** The fewest further bad events of one arm alone that change what is said. */
export function flipOf(
  kind: Verdict["kind"],
  { judge, signals }: CanaryEvidence,
  judged: readonly SignalVerdict[],
  leastBad: number,
): string {
  const leading = leadingOf(judged);
  const signal = leading && signals[judged.indexOf(leading)];
  if (leading === undefined || signal === undefined) return "a signal to judge";
  if (leading.canary.of === 0) return "requests to the canary";
  const limits = { worse: judge.worse.relativeRisk, safe: judge.safe.relativeRisk };
  const eAfter = (canary: number, stable: number) =>
    worseEvidence(addEvents(signal.comparison, limits, { canary, stable }), leading.phi);
  if (kind === "worse") {
    const most = fewest((events) => eAfter(0, events) < leading.limit);
    return `${eventsText(most, leading.name)} of the stable version without one of the canary, scattered as before, and it would not be called worse`;
  }
  const more = fewest(
    (events) => eAfter(events, 0) >= leading.limit && leading.canary.bad + events >= leastBad,
  );
  return `${eventsText(more, leading.name)} of the canary without one of the stable version, scattered as before, and it would be called worse`;
}

function eventsText(count: number, name: string): string {
  const what = name === "errors" ? "error" : `request beyond ${name}`;
  return count === 1
    ? `1 further ${what}`
    : `${count} further ${what.replace(/^(error|request)/, "$1s")}`;
}

/** Least n >= 1 for which a monotone test holds; gives up at a million. */
function fewest(holds: (n: number) => boolean): number {
  let high = 1;
  while (!holds(high) && high < 1e6) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function percent(ratio: number): string {
  return `${figure(100 * ratio)} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
