import type { Policy, PolicyAction, Verify } from "../../policy/automation.ts";
import { describeMove } from "../act/action.ts";
import type { Weighed } from "../record.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import type { Ground } from "./conditions.ts";
import { balanceOf, burnOf } from "./indicator.ts";

/** How far back what an action is to improve is looked at: short enough to see a recovery, long enough for counts. */
const WINDOW_SECONDS = 30;

/** Burn of an objective, or the newest value of a signal: smaller is better. Undefined: unknown. */
export function measure({ signal }: Verify, { policySet, evidence }: Ground): number | undefined {
  const slo = policySet.slos.find(({ name }) => name === signal);
  if (slo !== undefined) return burnOf(slo, balanceOf(slo, evidence, WINDOW_SECONDS));
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
  const sums = Array.from({ length: HISTORY_SECONDS + WINDOW_SECONDS + 1 }, (_, seconds) =>
    balanceOf(slo, evidence, seconds),
  );
  return Array.from({ length: HISTORY_SECONDS }, (_, at) => HISTORY_SECONDS - at).flatMap((ago) => {
    const [from, to] = [sums[ago + WINDOW_SECONDS], sums[ago]];
    if (from === undefined) return [];
    const bad = from.bad - (to?.bad ?? 0);
    const total = from.total - (to?.total ?? 0);
    return burnOf(slo, { bad, total, seconds: WINDOW_SECONDS }) ?? [];
  });
}

/**
 * Whether doing something beats doing nothing: requests a second that the objective loses beyond what it may, times the
 * chance that it really does; the chance must reach the Policy's confidence. An action that only tells costs nothing.
 */
export function weigh(
  policy: Policy,
  action: PolicyAction,
  measured: number | undefined,
  ground: Ground,
): Weighed & { readonly isWorth: boolean } {
  const text = textOf(action);
  const { verify } = policy;
  if (verify === undefined || policy.method === "rules") {
    return { action: action.kind, text, why: "first of the list that may be taken", isWorth: true };
  }
  const found = problemOf(verify, measured, ground);
  if (found === undefined) {
    const why = `${verify.signal} is unknown, so no benefit can be shown`;
    return { action: action.kind, text, why, isWorth: false };
  }
  const { chance, lossRps } = found;
  const isWorth = chance >= policy.confidence;
  const why = `the problem is real with a chance of ${percent(chance)}, ${isWorth ? "at least" : "below"} the ${percent(policy.confidence)} asked for`;
  return { action: action.kind, text, gain: chance * lossRps, why, isWorth };
}

interface Problem {
  /** P(what is verified is not as wished). */
  readonly chance: number;
  /** Bad requests a second beyond those the objective allows. */
  readonly lossRps: number;
}

function problemOf(
  verify: Verify,
  measured: number | undefined,
  { policySet, evidence }: Ground,
): Problem | undefined {
  const slo = policySet.slos.find(({ name }) => name === verify.signal);
  if (slo !== undefined) {
    const balance = balanceOf(slo, evidence, WINDOW_SECONDS);
    if (balance === undefined || balance.total === 0) return undefined;
    const allowed = 1 - slo.target;
    const wish = verify.improve.kind === "burnBelow" ? verify.improve.burn : 1;
    const chance = pRateAbove(balance.bad, balance.total, wish * allowed, allowed);
    const lossRps = Math.max(0, balance.bad - allowed * balance.total) / balance.seconds;
    return { chance, lossRps };
  }
  if (measured === undefined) return undefined;
  const { improve } = verify;
  if (improve.kind !== "below") return { chance: 1, lossRps: 0 };
  const values = evidence.signalValues(verify.signal, WINDOW_SECONDS).map(({ value }) => value);
  const above = values.filter((value) => value >= improve.value).length;
  return { chance: (above + 0.5) / (values.length + 1), lossRps: 0 };
}

function textOf(action: PolicyAction): string {
  if (action.kind === "rollback") return `roll back ${action.rollout}`;
  if (action.kind === "notify") return `tell ${action.to}`;
  if (action.kind === "run") return `run ${action.runbook}`;
  return describeMove(action);
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}
