import type { ScopeState } from "../decide/decision.ts";
import type { NodeEvidence } from "../evidence/snapshot.ts";
import type { Problem } from "../policy/policy-set.ts";

/** What `/status` answers: the state of the control plane as plain JSON. */
export interface StatusDocument {
  readonly version: string;
  /** ISO 8601. */
  readonly started: string;
  readonly intent: IntentStatus;
  readonly nodes: readonly NodeRow[];
  readonly decisions: readonly DecisionRow[];
}

export interface IntentStatus {
  /** Digest of the set in force; absent before one loaded. */
  readonly digest?: string;
  /** Whether the set in force is what the directory holds. */
  readonly current: boolean;
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
  /** Why a good intent could not be published; absent if it was. */
  readonly failure?: string;
}

/** One Envoy. */
export interface NodeRow {
  readonly id: string;
  readonly key: string;
  readonly connected: boolean;
  readonly types: readonly TypeRow[];
  /** Absent before its first report. */
  readonly evidence?: NodeEvidence;
}

export interface TypeRow {
  /** Short: CDS, EDS, LDS, RDS, ECDS… */
  readonly type: string;
  readonly state: "SYNCED" | "STALE" | "NOT SENT" | "REJECTED";
  readonly version?: string;
  readonly rejections: readonly {
    readonly name: string;
    readonly version: string;
    readonly message: string;
  }[];
}

export interface DecisionRow {
  readonly node: string;
  readonly scope: string;
  readonly state: ScopeState;
  readonly why: string;
}
