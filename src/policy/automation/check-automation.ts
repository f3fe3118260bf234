/** The checks of automation's documents: each by itself, then against the others. */
import { checkAdapter } from "./adapter.ts";
import { checkAlertCondition, checkAlertPolicy, checkAlertTarget } from "./alert.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";
import { checkGuardrail } from "./guardrail.ts";
import { checkMaintenance } from "./maintenance.ts";
import { checkOverride } from "./override.ts";
import { checkPolicy } from "./policy.ts";
import { checkRollout } from "./rollout.ts";
import { checkSlo } from "./slo.ts";

export function checkAutomation(drafts: AutomationDrafts): void {
  for (const draft of drafts.SLO) checkSlo(draft);
  for (const draft of drafts.AlertPolicy) checkAlertPolicy(draft);
  for (const draft of drafts.AlertCondition) checkAlertCondition(draft);
  for (const draft of drafts.AlertNotificationTarget) checkAlertTarget(draft);
  for (const draft of drafts.Policy) checkPolicy(draft);
  for (const draft of drafts.Rollout) checkRollout(draft);
  for (const draft of drafts.Guardrail) checkGuardrail(draft);
  for (const draft of drafts.Override) checkOverride(draft);
  for (const draft of drafts.Maintenance) checkMaintenance(draft);
  for (const draft of drafts.Adapter) checkAdapter(draft);
}
