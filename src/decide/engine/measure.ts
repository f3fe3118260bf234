import type { Verify } from "../../policy/automation.ts";
import type { Ground } from "./conditions.ts";
import { balanceOf, burnOf } from "./indicator.ts";
import { PROBLEM_SECONDS } from "./problem.ts";

/** Burn of an objective, or the newest value of a signal: smaller is better. Undefined: unknown. */
export function measure({ signal }: Verify, { policySet, evidence }: Ground): number | undefined {
  const slo = policySet.slos.find(({ name }) => name === signal);
  if (slo !== undefined) return burnOf(slo, balanceOf(slo, evidence, PROBLEM_SECONDS));
  const reading = evidence.signal(signal);
  return reading?.state === "ok" ? reading.value : undefined;
}

/** How far back a forecast of what would happen without an action looks. */
const HISTORY_SECONDS = 90;

/** What `measure` would have said in each of the seconds before, oldest first. */
export function historyOf({ signal }: Verify, { policySet, evidence }: Ground): readonly number[] {
  const slo = policySet.slos.find(({ name }) => name === signal);
  if (slo === undefined) {
    return evidence.signalValues(signal, HISTORY_SECONDS).map(({ value }) => value);
  }
  // Sums that end now, of one second more each: their differences are the windows that ended before.
  const sums = Array.from({ length: HISTORY_SECONDS + PROBLEM_SECONDS + 1 }, (_, seconds) =>
    balanceOf(slo, evidence, seconds),
  );
  return Array.from({ length: HISTORY_SECONDS }, (_, at) => HISTORY_SECONDS - at).flatMap((ago) => {
    const [from, to] = [sums[ago + PROBLEM_SECONDS], sums[ago]];
    if (from === undefined) return [];
    const bad = from.bad - (to?.bad ?? 0);
    const total = from.total - (to?.total ?? 0);
    return burnOf(slo, { bad, total, seconds: PROBLEM_SECONDS }) ?? [];
  });
}
