/** The checks of automation's documents: each by itself, then against the others. */
import type { ReadBeside } from "../beside-file.ts";
import type { Drafts } from "../drafts.ts";
import type { Absent } from "../known-names.ts";
import { checkAdapter } from "./adapter.ts";
import { checkAlertCondition, checkAlertPolicy, checkAlertTarget } from "./alert.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";
import { checkAutomationReferences } from "./automation-references.ts";
import { checkConditionReach } from "./condition-reach.ts";
import { checkConflicts } from "./conflicts.ts";
import { checkGuardrail } from "./guardrail.ts";
import { checkIdentity } from "./identity.ts";
import { checkMaintenance } from "./maintenance.ts";
import { checkOverride } from "./override.ts";
import { checkPolicy } from "./policy.ts";
import { checkRankedActions } from "./ranked-actions.ts";
import { checkRollout } from "./rollout.ts";
import { checkRolloutReferences } from "./rollout-references.ts";
import { checkRunbook } from "./runbook.ts";
import { checkShiftReferences } from "./shift-references.ts";
import { checkSlo } from "./slo.ts";

/** Each document by itself. */
export function checkAutomation(drafts: AutomationDrafts, read: ReadBeside): void {
  for (const draft of drafts.SLO) checkSlo(draft);
  for (const draft of drafts.AlertPolicy) checkAlertPolicy(draft);
  for (const draft of drafts.AlertCondition) checkAlertCondition(draft);
  for (const draft of drafts.AlertNotificationTarget) checkAlertTarget(draft);
  for (const draft of drafts.Policy) checkPolicy(draft);
  for (const draft of drafts.Rollout) checkRollout(draft);
  for (const draft of drafts.Guardrail) checkGuardrail(draft);
  for (const draft of drafts.Override) checkOverride(draft);
  for (const draft of drafts.Maintenance) checkMaintenance(draft);
  for (const draft of drafts.Adapter) checkAdapter(draft, read);
  for (const draft of drafts.Identity) checkIdentity(draft, read);
  for (const draft of drafts.Runbook) checkRunbook(draft);
}

/** The documents against each other and against the rest of the set. */
export function checkAutomationTogether(drafts: Drafts, absent: Absent): void {
  checkAutomationReferences(drafts, absent);
  checkRolloutReferences(drafts, absent);
  checkConditionReach(drafts);
  checkRankedActions(drafts);
  checkShiftReferences(drafts);
  checkConflicts(drafts);
}
