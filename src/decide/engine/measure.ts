import { ANY_SERVICE } from "../../evidence/evidence.ts";
import type { Verify } from "../../policy/automation.ts";
import type { ActionInForce } from "../act/action.ts";
import { armOf } from "../act/node-share.ts";
import type { Ground } from "./conditions.ts";
import { balanceOf, burnOf } from "./indicator.ts";
import type { Compared, Touched } from "./policy-tick.ts";
import { PROBLEM_SECONDS } from "./problem.ts";

/**
 * Burn of an objective, or the newest value of a signal: smaller is better. Undefined: unknown. Of an action that holds on
 * some Envoys only, their requests; a signal from outside has no such part.
 */
export function measure(
  { signal }: Verify,
  { policySet, evidence }: Ground,
  treatedBy?: ActionInForce,
): number | undefined {
  const slo = policySet.slos.find(({ name }) => name === signal);
  const cohort = treatedBy && armOf(treatedBy.id, "treated");
  if (slo !== undefined) return burnOf(slo, balanceOf(slo, evidence, PROBLEM_SECONDS, cohort));
  const reading = evidence.signal(signal);
  return reading?.state === "ok" ? reading.value : undefined;
}

/** The last second of the Envoys with an action beside those without. */
export function compare(
  { signal }: Verify,
  { policySet, evidence }: Ground,
  { id }: ActionInForce,
): Compared | undefined {
  const slo = policySet.slos.find(({ name }) => name === signal);
  const balance = (arm: "treated" | "held") => slo && balanceOf(slo, evidence, 1, armOf(id, arm));
  const [treated, held] = [balance("treated"), balance("held")];
  if (treated === undefined || held === undefined) return undefined;
  return {
    treated: { bad: treated.bad, of: treated.total },
    held: { bad: held.bad, of: held.total },
  };
}

/** Of the requests that a denial in shadow has judged, those it would have refused; another move touches none by Envoy's count. */
export function touchedBy({ id }: ActionInForce, { evidence }: Ground): Touched | undefined {
  const arm = { service: ANY_SERVICE, cohort: armOf(id, "shadow") };
  const { requests, errors } = evidence.countsOf(arm, HOUR_SECONDS);
  return requests === 0 ? undefined : { refused: errors, judged: requests };
}

const HOUR_SECONDS = 3600;

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
