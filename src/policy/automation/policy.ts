/**
 * `Policy`: when evidence says so, then the first of a ranked list of actions that may be taken, within guards; what must improve, and when
 * it is undone. Read as one sentence; `docs/policy-language.md`.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Approval, Policy, PolicyGuard } from "../intent/policy.ts";
import type { Rate } from "../intent/rate.ts";
import { percentage } from "../ratio.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";
import { actionSpec, kindsOf } from "./action.ts";
import { checkAction } from "./check-action.ts";
import { checkCondition, conditionText, toExpression } from "./condition.ts";
import { CLASSES } from "./policy-class.ts";
import { scopeSpec, toScope } from "./scope.ts";
import { toAction } from "./to-action.ts";
import { checkVerify, toVerify, verifySpec } from "./verify.ts";

const MOST_ACTIONS = 16;
const DEFAULT_GUARD = { minIntervalSeconds: 60, budgetPerHour: 4, confidence: 0.95 };

const budget = text((value) =>
  /^[1-5]\/h$/.test(value) ? undefined : `QM0012 ${show(value)} is not one of 1/h to 5/h`,
);

const guardSpec = fields(
  {
    minInterval: span().exactOptional(),
    budget: budget.exactOptional(),
    floor: z.record(z.string(), z.number().min(0).max(1)).default({}),
    maxPrincipals: z.int().min(1).max(10_000).exactOptional(),
    maxTrafficShare: percentage().exactOptional(),
    exempt: z.array(z.string().min(1).max(253)).max(64).default([]),
    shadowFirst: span().exactOptional(),
  },
  { queueAgeMax: "bounds on the age of a queue are" },
).default({ floor: {}, exempt: [] });

const approvalSpec = fields({
  need: z.int().min(1).max(10),
  from: z.array(z.string().min(1).max(253)).min(1).max(16),
  within: span(),
  else: oneOf(["hold", "deny", "apply"]).default("hold"),
  onlyIf: conditionText.exactOptional(),
});

export const policySpec = fields(
  {
    mode: oneOf(["off", "shadow", "canary", "enforce"]).default("shadow"),
    canary: fields({ nodes: percentage(), for: span() }).exactOptional(),
    method: oneOf(["probabilistic", "rules"]).default("probabilistic"),
    scope: scopeSpec,
    when: conditionText.exactOptional(),
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: z.array(actionSpec).max(MOST_ACTIONS).default([]),
    guard: guardSpec,
    approval: approvalSpec.exactOptional(),
    verify: verifySpec.exactOptional(),
    revert: fields(
      {
        onHarm: oneOf(["immediate", "never"]).default("immediate"),
        onNoEffect: span().exactOptional(),
        ttl: span().exactOptional(),
      },
      { at: "times of day in `revert` are" },
    ).exactOptional(),
    evidence: fields(
      { run: z.string().min(1).max(63).exactOptional() },
      { retain: "capture of evidence is", capture: "capture of evidence is" },
    ).exactOptional(),
    confidence: z.number().min(0.5).lt(1).default(DEFAULT_GUARD.confidence),
  },
  { control: "closed-loop laws (`control`) are" },
);

export type PolicySpec = z.output<typeof policySpec>;

export function checkPolicy(draft: Draft<PolicySpec>): void {
  const { spec } = draft;
  if (draft.metadata.class === undefined && !draft.isWritten(["metadata", "class"])) {
    draft.wrongOutside("QM0007", ["metadata", "class"], `missing; one of ${CLASSES.join(", ")}`);
  }
  if (spec.when === undefined) draft.lacks("QM0007", ["when"], "missing; a Policy has a condition");
  else checkCondition(draft, spec.when, { path: ["when"], place: "when" });
  if (spec.then.length === 0) draft.lacks("QM0007", ["then"], "missing; a Policy does something");
  for (const [index, action] of spec.then.entries()) checkAction(draft, action, ["then", index]);
  checkCanary(draft);
  checkApproval(draft);
  if (spec.verify !== undefined) checkVerify(draft, spec.verify);
  else if (movesKnobs(spec)) {
    draft.lacks("QM0124", ["verify"], "missing; what acts says what must improve");
  }
  checkRevert(draft);
}

function checkCanary(draft: Draft<PolicySpec>): void {
  const { mode, canary } = draft.spec;
  if (mode === "canary" && canary === undefined) {
    draft.lacks("QM0007", ["canary"], "missing; mode canary needs nodes and for");
  }
  if (canary?.nodes === 0) draft.wrong("QM0005", ["canary", "nodes"], "0% of the Envoys is none");
}

function checkApproval(draft: Draft<PolicySpec>): void {
  const { approval } = draft.spec;
  if (approval?.onlyIf === undefined) return;
  checkCondition(draft, approval.onlyIf, { path: ["approval", "onlyIf"], place: "approval" });
}

function checkRevert(draft: Draft<PolicySpec>): void {
  const { revert, then } = draft.spec;
  if (revert === undefined) {
    if (movesKnobs(draft.spec)) {
      draft.lacks("QM0125", ["revert"], "missing; what acts says when it is undone");
    }
    return;
  }
  const denies = then.some(({ deny }) => deny !== undefined);
  if (denies && revert.ttl === undefined) {
    draft.lacks("QM0126", ["revert", "ttl"], "missing; who is denied is let in again by itself");
  }
}

/** Whether any action does more than tell, or begin what is outside the mesh. */
function movesKnobs({ then }: PolicySpec): boolean {
  return then.some((action) => kindsOf(action).some((kind) => kind !== "notify" && kind !== "run"));
}

/** `minimumOf`: the lowest rate that bounds let a RateLimit have, which an action without a rate sets. */
export function toPolicy(
  draft: Draft<PolicySpec>,
  owner: string,
  minimumOf: (rateLimit: string) => Rate | undefined,
): Policy {
  const { spec, name } = draft;
  if (draft.metadata.class === undefined || spec.when === undefined) {
    throw new Error(`invariant: Policy ${name} was not checked`);
  }
  const { mode, canary, method, confidence, approval, verify, revert, evidence } = spec;
  return {
    name,
    owner,
    class: draft.metadata.class,
    mode,
    ...(canary !== undefined && {
      canary: { nodesRatio: canary.nodes, forSeconds: canary.for },
    }),
    method,
    scope: toScope(spec.scope),
    when: toExpression(spec.when, "when"),
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: spec.then.map((action) => toAction(action, minimumOf)),
    guard: toGuard(spec.guard),
    ...(approval !== undefined && { approval: toApproval(approval) }),
    ...(verify !== undefined && { verify: toVerify(verify) }),
    revert: {
      onHarm: revert?.onHarm !== "never",
      ...(revert?.onNoEffect !== undefined && { onNoEffectSeconds: revert.onNoEffect }),
      ...(revert?.ttl !== undefined && { ttlSeconds: revert.ttl }),
    },
    ...(evidence?.run !== undefined && { runbook: evidence.run }),
    confidence,
  };
}

function toGuard(spec: PolicySpec["guard"]): PolicyGuard {
  const { minInterval, budget, floor, maxPrincipals, maxTrafficShare, exempt, shadowFirst } = spec;
  return {
    minIntervalSeconds: minInterval ?? DEFAULT_GUARD.minIntervalSeconds,
    budgetPerHour: budget === undefined ? DEFAULT_GUARD.budgetPerHour : Number(budget[0]),
    floor,
    ...(maxPrincipals !== undefined && { maxPrincipals }),
    ...(maxTrafficShare !== undefined && { maxTrafficShare }),
    exempt,
    ...(shadowFirst !== undefined && { shadowFirstSeconds: shadowFirst }),
  };
}

function toApproval(spec: NonNullable<PolicySpec["approval"]>): Approval {
  const { need, from, within, onlyIf } = spec;
  return {
    need,
    from,
    withinSeconds: within,
    else: spec.else,
    ...(onlyIf !== undefined && { onlyIf: toExpression(onlyIf, "approval") }),
  };
}
