import type { Policy } from "../../policy/intent/policy.ts";
import type { Verification } from "../verification.ts";
import { type Ending, end, outcome, recent } from "./ending.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { stagesOf } from "./stages.ts";

export interface Observed {
  /** Of what is verified; undefined: not known. */
  readonly value: number | undefined;
  readonly verification: Verification | undefined;
  /** It holds on some Envoys only. */
  readonly isPartial: boolean;
  /** Where it holds was compared with where it does not. */
  readonly isCompared: boolean;
}

/** What came of an action, once that is news: told, or undone as well; undefined: it goes on. */
export function conclude(
  policy: Policy,
  state: PolicyState,
  active: Active,
  observed: Observed,
  at: PolicyTick,
): PolicyTurn | undefined {
  const { verify, revert } = policy;
  const { value, verification } = observed;
  if (verify === undefined || verification === undefined) return undefined;
  if (!isNews(policy, active, verification)) return undefined;
  const went = `${verify.signal} went from ${round(active.before)} to ${round(value)}`;
  const isShadow = active.action?.isShadow === true;
  const stop = (verdict: string, because: string) =>
    end(policy, state, active, { verdict, because, failed: true }, at, state.rank + 1);
  switch (verification.outcome) {
    case "success": {
      const long = `${went} for ${verify.sustainedSeconds} s`;
      const because = whySuccess(long, { ...observed, verification });
      const succeededTicks = recent([...state.succeededTicks, at.tick], at.tick);
      const settled = { ...state, ...everywhere(state), succeededTicks };
      return settle(policy, settled, active, { verdict: "success", because });
    }
    case "recovered": {
      const because = `${went}, but not so soon after the action that the action must be why.`;
      return settle(policy, state, active, { verdict: "recovered", because });
    }
    case "harm":
      if (!revert.onHarm || isShadow) return undefined;
      return stop("revert", `${went}: worse than was to be expected without it.`);
    case "no effect":
      return isShadow ? undefined : stop("no effect", `${went}: it did not help.`);
    default:
      return undefined;
  }
}

/** Before it is everywhere it can only do harm: what good it does is said of the whole. */
function isNews(policy: Policy, active: Active, { outcome: now }: Verification): boolean {
  if (now === active.verification?.outcome) return false;
  return now === "harm" || stagesOf(policy)[active.stage]?.seconds === undefined;
}

function whySuccess(
  long: string,
  {
    isPartial,
    isCompared,
    verification,
  }: Pick<Observed, "isPartial" | "isCompared"> & { readonly verification: Verification },
): string {
  const counts = countsText(verification);
  if (!isCompared) return `${long}, and at once: by itself it would hardly have.`;
  return isPartial
    ? `${long} where it holds: ${counts} where it was held back. Now it holds everywhere.`
    : `${long}: where its traffic goes, ${counts} where it stays.`;
}

/** What is shown to help is kept from nobody any longer. */
function everywhere({ active }: PolicyState): Pick<PolicyState, "active"> | undefined {
  if (active?.action?.nodes === undefined) return undefined;
  const { nodes: _, ...action } = active.action;
  return { active: { ...active, action } };
}

function countsText({ holdBack }: Verification): string {
  if (holdBack === undefined) return "nothing was compared";
  const { treated, held } = holdBack;
  return `${treated.bad} bad of ${treated.of}, beside ${held.bad} of ${held.of}`;
}

function settle(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { verdict, because }: Omit<Ending, "failed">,
): PolicyTurn {
  return { state, news: [outcome(policy, active, verdict, because)], moved: [] };
}

function round(value: number | undefined): string {
  return value === undefined ? "unknown" : `${Number(value.toPrecision(3))}`;
}
