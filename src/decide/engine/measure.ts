import { ANY_SERVICE, type Arm } from "../../evidence/evidence.ts";
import type { Verify } from "../../policy/intent/policy.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { type ActionInForce, isRange, suspectsOf } from "../act/action.ts";
import { armOf } from "../act/node-share.ts";
import type { Ground } from "./conditions.ts";
import { type Balance, burnOf, momentary, requestsOf } from "./indicator.ts";
import type { Compared, Touched } from "./policy-tick.ts";
import { PROBLEM_SECONDS } from "./problem.ts";

function sloOf(signal: string, { slos }: Pick<PolicySet, "slos">): Slo | undefined {
  const found = slos.find(({ name }) => name === signal);
  return found && momentary(found);
}

/**
 * Burn of an objective, or the newest value of a signal: smaller is better. Undefined: unknown. Of an action that holds on
 * some Envoys only, their requests; a signal from outside has no such part.
 */
export function measure(
  { signal }: Verify,
  { policySet, evidence }: Ground,
  treatedBy?: ActionInForce,
): number | undefined {
  const slo = sloOf(signal, policySet);
  const part = treatedBy && { cohort: armOf(treatedBy.id, "treated") };
  if (slo !== undefined) return burnOf(slo, requestsOf(slo, evidence, PROBLEM_SECONDS, part));
  const reading = evidence.signal(signal);
  return reading?.state === "ok" ? reading.value : undefined;
}

/**
 * The last second of the Envoys with an action beside those without; of a shift, of the localities that take the traffic
 * beside the one it leaves.
 */
export function compare(
  { signal }: Verify,
  { policySet, evidence }: Ground,
  { id, move, nodes }: ActionInForce,
): Compared | undefined {
  const slo = sloOf(signal, policySet);
  if (slo === undefined) return undefined;
  const all = (parts: readonly Part[]) =>
    sumOf(parts.map((part) => requestsOf(slo, evidence, 1, part)));
  if (nodes === undefined && move.kind === "shift") {
    const { from, now } = move;
    const places = evidence.partsOf(move.service, "locality");
    const left = places.filter((name) => name === from || name.startsWith(`${from}/`));
    const takers = Object.keys(now?.to ?? {});
    return pair(all(takers.map(atPlace)), all(left.map(atPlace)));
  }
  return pair(all([{ cohort: armOf(id, "treated") }]), all([{ cohort: armOf(id, "held") }]));
}

type Part = Pick<Arm, "cohort" | "locality">;

const atPlace = (locality: string): Part => ({ locality });

function pair(treated: Balance | undefined, held: Balance | undefined): Compared | undefined {
  if (treated === undefined || held === undefined) return undefined;
  return {
    treated: { bad: treated.bad, of: treated.total },
    held: { bad: held.bad, of: held.total },
  };
}

/** Of those that are known. */
function sumOf(balances: readonly (Balance | undefined)[]): Balance | undefined {
  const known = balances.filter((each) => each !== undefined);
  return known.length === 0
    ? undefined
    : known.reduce((a, b) => ({ bad: a.bad + b.bad, total: a.total + b.total, seconds: 1 }));
}

/** Of the requests that a denial in shadow has judged, those it would have refused; another move touches none by Envoy's count. */
export function touchedBy({ id }: ActionInForce, { evidence }: Ground): Touched | undefined {
  const arm = { service: ANY_SERVICE, cohort: armOf(id, "shadow") };
  const { requests, errors } = evidence.countsOf(arm, HOUR_SECONDS);
  return requests === 0 ? undefined : { refused: errors, judged: requests };
}

/** `good.requests.denied.share`: what a denial takes along. Who is named is meant; a range holds others too. */
export function goodDenied({ id, move }: ActionInForce, { evidence }: Ground): number | undefined {
  if (move.kind !== "deny") return undefined;
  if (!suspectsOf(move).some(isRange)) return 0;
  const arm = { service: ANY_SERVICE, cohort: armOf(id, "good") };
  const { requests, errors } = evidence.countsOf(arm, HOUR_SECONDS);
  return requests === 0 ? undefined : errors / requests;
}

const HOUR_SECONDS = 3600;

/** How far back a forecast of what would happen without an action looks. */
const HISTORY_SECONDS = 90;

/** What `measure` would have said in each of the seconds before, oldest first. */
export function historyOf({ signal }: Verify, { policySet, evidence }: Ground): readonly number[] {
  const slo = sloOf(signal, policySet);
  if (slo === undefined) {
    return evidence.signalValues(signal, HISTORY_SECONDS).map(({ value }) => value);
  }
  // Sums that end now, of one second more each: their differences are the windows that ended before.
  const sums = Array.from({ length: HISTORY_SECONDS + PROBLEM_SECONDS + 1 }, (_, seconds) =>
    requestsOf(slo, evidence, seconds),
  );
  return Array.from({ length: HISTORY_SECONDS }, (_, at) => HISTORY_SECONDS - at).flatMap((ago) => {
    const [from, to] = [sums[ago + PROBLEM_SECONDS], sums[ago]];
    if (from === undefined) return [];
    const bad = from.bad - (to?.bad ?? 0);
    const total = from.total - (to?.total ?? 0);
    return burnOf(slo, { bad, total, seconds: PROBLEM_SECONDS }) ?? [];
  });
}
