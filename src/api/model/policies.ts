import { phaseOf } from "../../decide/engine/breaker.ts";
import { methodOf } from "../../decide/engine/drift-watch.ts";
import { retireHint } from "../../decide/engine/ledger.ts";
import { holding } from "../../decide/engine/overrides.ts";
import type { PolicyState } from "../../decide/engine/policy-state.ts";
import { promotedMode } from "../../decide/engine/promotion.ts";
import { reportOf } from "../../decide/engine/shadow-report.ts";
import type { EngineState } from "../../decide/engine/state.ts";
import { runbooksOf } from "../../decide/runbook/linked.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { PolicyView } from "../view/operation.ts";
import { timeOf } from "./decisions.ts";

/** Policies as their owners see them: how they stand, and whether they earn their keep. */
export function policyViews(
  { policies }: PolicySet,
  state: EngineState,
  tick: number,
): PolicyView[] {
  return policies.flatMap((policy) => {
    const known = state.policies[policy.name];
    return known === undefined ? [] : [policyViewOf(policy, known, { state, tick })];
  });
}

function policyViewOf(
  policy: Policy,
  known: PolicyState,
  { state, tick }: { readonly state: EngineState; readonly tick: number },
): PolicyView {
  const { name, owner, class: kind, method } = policy;
  const { watch, breaker, ledger, shadow } = known;
  const { sinceTick, lastActTick, ...counts } = ledger;
  const knob = `policy.${name}.mode`;
  const held = holding(state.overrides, tick).find((each) => each.knob === knob)?.value;
  const now = methodOf(policy, watch, tick);
  const retire = retireHint(ledger, tick);
  return {
    name,
    owner,
    class: kind,
    ...(policy.scope.service !== undefined && { service: policy.scope.service }),
    mode: (held as PolicyView["mode"] | undefined) ?? promotedMode(policy, state) ?? policy.mode,
    method: now,
    ...(now !== method && {
      methodWhy: watch.drift.isAlarmed
        ? "its probabilities came true less often than a threshold would have"
        : "what it reads is measured otherwise than before",
    }),
    pages: policy.then.some((each) => each.kind === "notify" && each.severity === "page"),
    runbooks: [...runbooksOf(policy)],
    breaker: phaseOf(breaker, tick),
    ...(breaker.open !== undefined && { breakerWhy: breaker.open.why }),
    ...(lastActTick !== undefined && { lastAct: timeOf(lastActTick) }),
    ledger: { since: timeOf(sinceTick), ...counts, ...(retire !== undefined && { retire }) },
    shadow: reportOf(shadow, tick),
  };
}
