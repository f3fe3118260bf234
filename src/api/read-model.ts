import type { IncidentCheck } from "../audit/incident.ts";
import type { AuditRecord } from "../audit/record.ts";
import type { ConfigType, ConfigView } from "./view/config.ts";
import type { DecisionDetail, DecisionView } from "./view/decision.ts";
import type { FailureView } from "./view/failure.ts";
import type {
  AlertQualityView,
  AlertView,
  AuditRecordView,
  IncidentView,
} from "./view/incident.ts";
import type {
  ActionDetail,
  ActionView,
  ApprovalView,
  FreezeView,
  IntentView,
  OverrideView,
  PolicyView,
  RolloutView,
} from "./view/operation.ts";
import type { Measure, ReportView } from "./view/report.ts";
import type { RequestView } from "./view/request.ts";
import type { ServiceView } from "./view/service.ts";

/**
 * What the API may show beyond `/status`. Whoever puts the control plane together gives what it has; a part it does not
 * give is answered as "not available" by its name, never as an empty list. Nothing here changes anything. A method that
 * throws is a defect and becomes a 500.
 */
export interface ReadModel {
  /** By name. */
  services?(): Soon<readonly ServiceView[]>;
  /** Newest first. */
  /** Undefined: there is none of that name. */
  service?(name: string): Soon<ServiceView | undefined>;
  decisions?(query: DecisionQuery): Soon<Page<DecisionView>>;
  decision?(id: string): Soon<DecisionDetail | undefined>;
  /** By name. */
  rollouts?(): Soon<readonly RolloutView[]>;
  /** By name. */
  policies?(): Soon<readonly PolicyView[]>;
  /** Sets that were in force, newest first. */
  intents?(): Soon<readonly IntentView[]>;
  /** In force now, newest first. */
  actions?(): Soon<readonly ActionView[]>;
  /** Pending, the oldest first. */
  approvals?(): Soon<readonly ApprovalView[]>;
  /** That hold now. */
  /** In force, or one of the last that were. */
  action?(id: string): Soon<ActionDetail | undefined>;
  overrides?(): Soon<readonly OverrideView[]>;
  freeze?(): Soon<FreezeView>;
  /** Open ones first, then newest first. */
  incidents?(): Soon<readonly IncidentView[]>;
  /** Of a record of the log, beside what is so now; undefined: there is no such record. */
  incidentCheck?(id: string): Soon<IncidentCheck | undefined>;
  /** Firing ones first, then newest first. */
  alerts?(): Soon<readonly AlertView[]>;
  alertQuality?(): Soon<AlertQualityView>;
  /** Sampled requests that failed, newest first; of one service or of all. */
  failures?(service: string | undefined): Soon<readonly FailureView[]>;
  /** Undefined: there is no such node. */
  config?(node: string, type: ConfigType): Soon<ConfigView | undefined>;
  /** Sampled requests after a number, or from now on. */
  requests?(
    after: number | undefined,
    limit: number,
  ): Soon<{ readonly items: readonly RequestView[]; readonly next: number }>;
  report?(measure: Measure, sinceSeconds: number): Soon<ReportView>;
  /** Newest first. */
  audit?(query: AuditQuery): Soon<Page<AuditRecordView>>;
}

export type Soon<T> = T | Promise<T>;

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand it back as `before` for what is older; absent: there is nothing. */
  readonly next?: string;
}

interface PageQuery {
  /** 1..1000. */
  readonly limit: number;
  /** `next` of the page before, of any text a caller may send: an unknown one gives an empty page. */
  readonly before?: string;
}

export interface DecisionQuery extends PageQuery {
  readonly kind?: DecisionView["kind"];
  /** Name of what was decided about. */
  readonly subject?: string;
  readonly service?: string;
  /** Milliseconds of Unix time, both included. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface AuditQuery extends PageQuery {
  readonly kind?: AuditRecord["kind"];
  readonly subject?: string;
  /** Milliseconds of Unix time, both included. */
  readonly fromMs?: number;
  readonly toMs?: number;
}
