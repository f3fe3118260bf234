/** What documents of automation name must be there. */
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { Absent } from "../known-names.ts";
import { checkAlertReferences, checkTaker } from "./alert-references.ts";
import { checkConditionReferences } from "./condition-references.ts";
import { checkIdentityReferences } from "./identity-references.ts";
import { checkOverrideReferences } from "./override-references.ts";
import { checkPartialPolicy } from "./partial-policy.ts";
import { checkPolicyReferences } from "./policy-references.ts";
import { Referents } from "./referents.ts";
import { checkRunbookReferences } from "./runbook-references.ts";
import type { ScopeSpec } from "./scope.ts";
import { checkSloReferences } from "./slo-references.ts";
import { checkTwinSignals } from "./twin-signals.ts";

export function checkAutomationReferences(drafts: Drafts, absent: Absent): void {
  const referents = new Referents(drafts, absent);
  const { Policy, Guardrail, Override, Maintenance } = drafts;
  checkConditionReferences(referents);
  for (const draft of [...Policy, ...Guardrail, ...Override]) checkScope(draft, referents);
  for (const draft of Maintenance) checkScope(draft, referents);
  for (const draft of Policy) {
    checkPolicyReferences(draft, referents);
    checkPartialPolicy(draft, drafts);
  }
  for (const draft of Override) checkOverrideReferences(draft, referents);
  for (const draft of drafts.SLO) checkSloReferences(draft, referents);
  checkAlertReferences(referents);
  for (const draft of drafts.Identity) checkIdentityReferences(draft, referents);
  for (const draft of drafts.Runbook) checkRunbookReferences(draft, referents);
  for (const draft of drafts.AlertNotificationTarget) {
    checkTaker(draft, { who: draft.spec.target, path: ["target"] }, drafts);
  }
  checkTwinSignals(drafts.Adapter);
}

function checkScope(draft: Draft<{ readonly scope: ScopeSpec }>, referents: Referents): void {
  const { service, rateLimit, tier } = draft.spec.scope;
  if (service !== "*") {
    referents.checkName(draft, "Service", { name: service, path: ["scope", "service"] });
  }
  referents.checkName(draft, "RateLimit", { name: rateLimit, path: ["scope", "rateLimit"] });
  if (tier !== undefined) referents.checkTier(draft, tier, ["scope", "tier"]);
}
