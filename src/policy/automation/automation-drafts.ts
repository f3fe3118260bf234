import type { Draft } from "../draft.ts";
import type { AdapterSpec } from "./adapter.ts";
import type { AlertConditionSpec, AlertPolicySpec, AlertTargetSpec } from "./alert.ts";
import type { GuardrailSpec } from "./guardrail.ts";
import type { IdentitySpec } from "./identity.ts";
import type { MaintenanceSpec } from "./maintenance.ts";
import type { OverrideSpec } from "./override.ts";
import type { PolicySpec } from "./policy.ts";
import type { RolloutSpec } from "./rollout.ts";
import type { RunbookSpec } from "./runbook.ts";
import type { SloSpec } from "./slo.ts";

/** Documents of automation by kind, before it is certain that they fit together. */
export interface AutomationDrafts {
  readonly SLO: readonly Draft<SloSpec>[];
  readonly AlertPolicy: readonly Draft<AlertPolicySpec>[];
  readonly AlertCondition: readonly Draft<AlertConditionSpec>[];
  readonly AlertNotificationTarget: readonly Draft<AlertTargetSpec>[];
  readonly Policy: readonly Draft<PolicySpec>[];
  readonly Rollout: readonly Draft<RolloutSpec>[];
  readonly Guardrail: readonly Draft<GuardrailSpec>[];
  readonly Override: readonly Draft<OverrideSpec>[];
  readonly Maintenance: readonly Draft<MaintenanceSpec>[];
  readonly Adapter: readonly Draft<AdapterSpec>[];
  readonly Identity: readonly Draft<IdentitySpec>[];
  readonly Runbook: readonly Draft<RunbookSpec>[];
}
