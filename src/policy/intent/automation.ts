import type { Adapter } from "./adapter.ts";
import type { BurnAlert } from "./burn-alert.ts";
import type { Guardrail } from "./guardrail.ts";
import type { Identity } from "./identity.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Override } from "./override.ts";
import type { Policy } from "./policy.ts";
import type { Rollout } from "./rollout.ts";
import type { Runbook } from "./runbook.ts";
import type { Slo } from "./slo.ts";

/**
 * What the operator lets automation do, after parsing, validation and defaults. Each list is ordered by name. Durations are
 * seconds (logical ticks), shares ratios in [0,1], unless a name says otherwise.
 */
export interface Automation {
  readonly slos: readonly Slo[];
  readonly burnAlerts: readonly BurnAlert[];
  readonly policies: readonly Policy[];
  readonly rollouts: readonly Rollout[];
  readonly guardrails: readonly Guardrail[];
  readonly overrides: readonly Override[];
  readonly maintenances: readonly Maintenance[];
  readonly adapters: readonly Adapter[];
  readonly identities: readonly Identity[];
  readonly runbooks: readonly Runbook[];
}
