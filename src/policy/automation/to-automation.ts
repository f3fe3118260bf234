/** From checked drafts of automation to the fields of a `PolicySet`. */

import type { ReadBeside } from "../beside-file.ts";
import type { Draft } from "../draft.ts";
import type { Automation } from "../intent/automation.ts";
import type { BurnAlert } from "../intent/burn-alert.ts";
import type { Rate } from "../intent/rate.ts";
import { ownerOf } from "../metadata.ts";
import { compareText } from "../report.ts";
import { toAdapter } from "./adapter.ts";
import { toBurnAlert } from "./alert.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";
import { toGuardrail } from "./guardrail.ts";
import { toIdentity } from "./identity.ts";
import { toMaintenance } from "./maintenance.ts";
import { toOverride } from "./override.ts";
import { toPolicy } from "./policy.ts";
import { toRollout } from "./rollout.ts";
import { toRunbook } from "./runbook.ts";
import { alertPoliciesOf, toSlo } from "./slo.ts";

/** `minimumOf`: the lowest rate that the bounds of a RateLimit allow. */
export function toAutomation(
  drafts: AutomationDrafts,
  { read, minimumOf }: { read: ReadBeside; minimumOf: (rateLimit: string) => Rate | undefined },
): Automation {
  const only = drafts.Adapter.filter(({ spec }) => spec.type === "prometheus")[0]?.name ?? "";
  return {
    slos: byName(drafts.SLO.map((draft) => toSlo(draft, ownerOf(draft.metadata), only))),
    burnAlerts: byName(
      drafts.SLO.flatMap((slo) => burnAlertsOf(slo.name, alertPoliciesOf(slo.spec), drafts)),
    ),
    policies: byName(drafts.Policy.map((draft) => toPolicy(draft, mustOwn(draft), minimumOf))),
    rollouts: byName(drafts.Rollout.map((draft) => toRollout(draft, mustOwn(draft)))),
    guardrails: byName(drafts.Guardrail.map((draft) => toGuardrail(draft, mustOwn(draft)))),
    overrides: byName(drafts.Override.map(toOverride)),
    maintenances: byName(
      drafts.Maintenance.map((draft) => toMaintenance(draft, ownerOf(draft.metadata))),
    ),
    adapters: byName(
      drafts.Adapter.map((draft) => toAdapter(draft, ownerOf(draft.metadata), read)),
    ),
    identities: byName(
      drafts.Identity.map((draft) => toIdentity(draft, ownerOf(draft.metadata), read)),
    ),
    runbooks: byName(drafts.Runbook.map((draft) => toRunbook(draft, mustOwn(draft)))),
  };
}

function burnAlertsOf(
  slo: string,
  policies: readonly string[],
  { AlertPolicy, AlertCondition, AlertNotificationTarget }: AutomationDrafts,
): BurnAlert[] {
  return policies.flatMap((name) => {
    const policy = AlertPolicy.find((draft) => draft.name === name);
    const condition = AlertCondition.find(
      (draft) => draft.name === policy?.spec.conditions[0]?.conditionRef,
    );
    const targets = AlertNotificationTarget.filter((draft) =>
      policy?.spec.notificationTargets.some(({ targetRef }) => targetRef === draft.name),
    );
    return policy && condition ? [toBurnAlert(slo, { policy, condition, targets })] : [];
  });
}

/** An owner is certain: without one the set has an error. */
function mustOwn(draft: Draft<unknown>): string {
  return ownerOf(draft.metadata) ?? "";
}

function byName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => compareText(a.name, b.name));
}
