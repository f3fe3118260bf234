import { type Disagreement, type Evidence, SAMPLED_RATIO } from "./evidence.ts";

/**
 * All that disagrees about a service: what was found by comparing an Envoy's two accounts, and whether the access log's sample is as
 * large as it should be. A sample that falls short means lost log entries, which an overload brings by itself: it is said, and
 * nothing is left out because of it. Undefined: fewer than two sources are heard, so nothing can disagree.
 */
const WINDOW_SECONDS = 60;
const MOST_RATIO = 0.2;
/** Deviations of a fair draw, beyond which it is none: once in a million. */
const DEVIATIONS = 5;

export function disagreementsOf(
  evidence: Evidence,
  service: string,
): readonly Disagreement[] | undefined {
  const heard = evidence
    .partsOf(service, "source")
    .filter((source) => evidence.stateOf({ service, source }).state !== "blind");
  if (heard.length < 2) return undefined;
  const found = evidence.disagreements.filter(({ arm }) => arm.service === service);
  const sample = heard.includes("access log") ? sampleOff(evidence, service) : undefined;
  return sample === undefined ? found : [...found, sample];
}

function sampleOff(evidence: Evidence, service: string): Disagreement | undefined {
  const by = (source: string) => evidence.countsOf({ service, source }, WINDOW_SECONDS).requests;
  const [told, all] = [by("access log"), by("metrics")];
  const expected = all * SAMPLED_RATIO;
  const larger = Math.max(told, expected);
  const off = Math.abs(told - expected);
  if (off <= MOST_RATIO * larger || off <= 1 + DEVIATIONS * Math.sqrt(larger)) return undefined;
  const what = `the access log tells of ${told} requests to ${service} in ${WINDOW_SECONDS} s, and of ${all} it should be about ${Math.round(expected)}`;
  return { arm: { service }, what, ratio: off / larger };
}
