/**
 * What the operator lets automation do, after parsing, validation and defaults: part of `PolicySet`, readonly, plain,
 * ordered by name. Durations are seconds (logical ticks), shares ratios in [0,1], unless a name says otherwise.
 */
import type { Expression } from "./expression.ts";
import type { Rate } from "./policy-set.ts";

/** Each list ordered by name. */
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

/** OpenSLO `SLO`. */
export interface Slo {
  readonly name: string;
  readonly owner?: string;
  /** Name of a Service. */
  readonly service: string;
  /** Of a Shedding; absent: requests of all tiers. */
  readonly tier?: string;
  /** Share that must be good, in (0,1). */
  readonly target: number;
  /** Rolling. */
  readonly windowSeconds: number;
  /** Absent: every request counts alike (Occurrences). */
  readonly timeslice?: { readonly seconds: number; readonly target: number };
  readonly indicator: Indicator;
}

/** What makes a request good. */
export type Indicator =
  /** Answered, and not with 5xx. */
  | { readonly kind: "errors" }
  /** Answered faster than this. */
  | { readonly kind: "latency"; readonly thresholdMs: number }
  /** Two queries of counters that only rise. */
  | {
      readonly kind: "prometheus";
      /** Name of the Adapter that asks. */
      readonly adapter: string;
      readonly good: string;
      readonly total: string;
    };

/** OpenSLO `AlertPolicy` with its condition, told once the objective burns as fast. */
export interface BurnAlert {
  readonly name: string;
  readonly slo: string;
  readonly severity: Severity;
  /** Multiples of the rate that would just use up the budget. */
  readonly burn: number;
  readonly lookbackSeconds: number;
  /** How long it must hold. */
  readonly afterSeconds: number;
  readonly targets: readonly string[];
}

export type Severity = "page" | "ticket";

export type PolicyClass = "safety" | "security" | "reliability" | "cost" | "experiment";

/** What a document is about; several fields must all hold; none: everything. */
export interface Scope {
  /** Name of a Service; absent: any. */
  readonly service?: string;
  readonly rateLimit?: string;
  readonly tier?: string;
  /** Labels of the Service. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Policy {
  readonly name: string;
  readonly owner: string;
  readonly class: PolicyClass;
  /** `canary`: only on `canary.nodesRatio` of the Envoys, by hash of their id. */
  readonly mode: "off" | "shadow" | "canary" | "enforce";
  readonly canary?: { readonly nodesRatio: number; readonly forSeconds: number };
  /** `rules`: no posterior and no utility: `when` alone, then the first action that may be taken. */
  readonly method: "probabilistic" | "rules";
  readonly scope: Scope;
  readonly when: Expression;
  /** Ranked; never empty. */
  readonly then: readonly PolicyAction[];
  readonly guard: PolicyGuard;
  readonly approval?: Approval;
  /** Absent only if every action of `then` merely tells. */
  readonly verify?: Verify;
  readonly revert: {
    /** Undone at once if what is verified gets worse. */
    readonly onHarm: boolean;
    /** Undone, and the next of `then` tried, if nothing has improved by then. */
    readonly onNoEffectSeconds?: number;
    /** Undone then whatever happened; absent: with the condition that asked for it. */
    readonly ttlSeconds?: number;
  };
  /** Runs beside whatever is done. */
  readonly runbook?: string;
  /** P(benefit > 0) that an action needs. */
  readonly confidence: number;
}

export interface PolicyGuard {
  readonly minIntervalSeconds: number;
  /** Moves of one knob in a rolling hour, 1..5. */
  readonly budgetPerHour: number;
  /** Share of a tier that stays admitted, by tier. */
  readonly floor: Readonly<Record<string, number>>;
  readonly maxPrincipals?: number;
  /** Share of traffic an action may touch. */
  readonly maxTrafficShare?: number;
  readonly exempt: readonly string[];
  /** Runs as a shadow this long first. */
  readonly shadowFirstSeconds?: number;
}

export interface Approval {
  readonly need: number;
  /** Roles or names. */
  readonly from: readonly string[];
  readonly withinSeconds: number;
  readonly else: "hold" | "deny" | "apply";
  /** Needed only if this holds; absent: always. */
  readonly onlyIf?: Expression;
}

export interface Verify {
  /** Name of an SLO, or of a pushed signal. */
  readonly signal: string;
  readonly improve:
    | { readonly kind: "burnBelow"; readonly burn: number }
    | { readonly kind: "below"; readonly value: number }
    /** Falls by this share of what it was when the action was taken. */
    | { readonly kind: "relative"; readonly ratio: number };
  readonly sustainedSeconds: number;
  readonly withinSeconds: number;
  /** Of the Envoys stays without the action, for comparison: (0, 0.5]; absent: none. */
  readonly holdBackRatio?: number;
  /** Undone as harm once this is false. */
  readonly watch?: Expression;
}

/** Who is denied: all that is said must hold, and something is. `$signal.NAME` stands for a label of the signal that made `when` true. */
export interface Suspect {
  readonly principal?: string;
  readonly cidr?: string;
  readonly header?: { readonly name: string; readonly value: string };
  readonly claim?: { readonly name: string; readonly value: string };
}

/**
 * One entry of `then`, told apart by `kind`. Those that move a knob of the mesh are laid over the intent
 * (`src/decide/effective.ts`); `notify`, `run` and `flag` leave the mesh as it is.
 */
export type PolicyAction =
  | { readonly kind: "rollback"; readonly rollout: string }
  | {
      readonly kind: "weights";
      readonly service: string;
      readonly weights: Readonly<Record<string, number>>;
    }
  /** Moves traffic of a locality (`region/zone` or `region`) to the others: a step of it at a time, at most `maxRatio`. */
  | {
      readonly kind: "shift";
      readonly service: string;
      readonly from: string;
      readonly maxRatio: number;
      readonly stepRatio: number;
      readonly everySeconds: number;
      /** Where it stands; absent: not begun. */
      readonly now?: Shifted;
    }
  /** Tightens a Shedding: never above `max` in flight per Envoy; tiers by name held at most at this share. */
  | {
      readonly kind: "shed";
      readonly shedding: string;
      readonly max?: number;
      readonly tiers: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "rateLimit";
      readonly name: string;
      /** Of the written rate. Exactly one of `factor` and `rate`. */
      readonly factor?: number;
      readonly rate?: Rate;
      /** Only these; empty: all. */
      readonly tiers: readonly string[];
      /** Of the written rate, whatever is asked: the guard's floor. */
      readonly leastFactor?: number;
    }
  | {
      readonly kind: "outlier";
      readonly service: string;
      readonly consecutive5xx?: number;
      readonly baseEjectionSeconds?: number;
      readonly maxEjectedRatio?: number;
    }
  | {
      readonly kind: "circuitBreaker";
      readonly service: string;
      readonly maxConnections?: number;
      readonly maxPending?: number;
      readonly maxRequests?: number;
    }
  | { readonly kind: "timeout"; readonly service: string; readonly timeoutMs: number }
  | { readonly kind: "retries"; readonly service: string; readonly budgetRatio: number }
  | (Suspect & {
      readonly kind: "deny";
      readonly service?: string;
      /** Who is one of these, instead of the fields of one. */
      readonly any?: readonly Suspect[];
      /** Names in certificates, or `sub` of tokens, that are never denied; a `*` at the end stands for any rest. */
      readonly exempt?: readonly string[];
    })
  | {
      readonly kind: "mirror";
      readonly service: string;
      readonly to: string;
      readonly ratio: number;
    }
  | {
      readonly kind: "fault";
      readonly service: string;
      readonly abort?: { readonly status: number; readonly ratio: number };
      readonly delay?: { readonly ms: number; readonly ratio: number };
    }
  | { readonly kind: "notify"; readonly severity: Severity; readonly to: string }
  /** Steps outside the mesh. */
  | { readonly kind: "run"; readonly runbook: string };

/** How much of a locality's traffic goes elsewhere, and where. */
export interface Shifted {
  /** Of its traffic, (0, 1). */
  readonly ratio: number;
  /** Of what is moved, by locality (`region/zone`); what they leave out stays. */
  readonly to: Readonly<Record<string, number>>;
}

export interface Rollout {
  readonly name: string;
  readonly owner: string;
  readonly service: string;
  readonly stable: string;
  readonly canary: string;
  /** Requests of one such value stay with one version; absent: every request is drawn anew. */
  readonly stickyHeader?: string;
  readonly steps: readonly RolloutStep[];
  readonly judge: Judge;
  readonly onWorse: {
    readonly action: "rollback" | "hold";
    /** How long the canary may still answer what it has begun. */
    readonly drainSeconds: number;
    /** No new start of this pair of versions for this long. */
    readonly lockSeconds: number;
  };
  readonly deadline?: { readonly afterSeconds: number; readonly then: "hold" | "rollback" };
}

export type RolloutStep =
  /** Share of the canary in percent, at least for so long; 0 `forSeconds`: until it is judged safe. */
  | { readonly kind: "weight"; readonly percent: number; readonly forSeconds: number }
  /** Waits for `qmesh rollout promote` by one of this role. */
  | { readonly kind: "hold"; readonly role: string };

/** How the canary is compared with the stable version beside it; `docs/rollouts.md`. */
export interface Judge {
  readonly worse: {
    /** Chance of ever calling a canary worse that is not, (0, 0.5). */
    readonly alpha: number;
    /** A canary is worse beyond this multiple of the stable version's rate, >= 1. */
    readonly relativeRisk: number;
    /** And only by at least this much more, as a share of requests. */
    readonly absolute: number;
    readonly errors: boolean;
    /** Shares of the stable version's requests that are slower than the thresholds judged, e.g. p90 p95 p99. */
    readonly slowQuantiles: readonly number[];
  };
  readonly safe: {
    readonly beta: number;
    /** A canary is safe below this multiple. */
    readonly relativeRisk: number;
    readonly minRequests: number;
    /** So many bad events, or so long without reaching them. */
    readonly minErrors: number;
    readonly orSeconds: number;
  };
  /** The split seen may differ from the split set with this chance of a false alarm; beyond it nothing is judged. */
  readonly sampleRatioAlpha: number;
}

export interface Guardrail {
  readonly name: string;
  readonly owner: string;
  readonly scope: Scope;
  /** Yields to nobody, not even an Override that breaks the glass. */
  readonly absolute: boolean;
  /** Nothing may be done after which one of these holds. */
  readonly forbid: readonly Expression[];
  readonly onDataMissing: "hold" | "allow";
}

export interface Runbook {
  readonly name: string;
  readonly owner: string;
  readonly steps: readonly RunbookStep[];
  readonly timeoutSeconds: number;
  readonly onFail: Severity | "ignore";
  /** Address of what people read. */
  readonly page?: string;
}

export interface RunbookStep {
  /** Of type webhook. */
  readonly adapter: string;
  /** Appended to the address of the Adapter. */
  readonly path: string;
  /** The key is the decision's id alone; else of the run and the step. */
  readonly isKeyOfDecision: boolean;
  readonly approval?: {
    readonly need: number;
    /** Roles or names. */
    readonly from: readonly string[];
    readonly withinSeconds: number;
  };
}

export interface Override {
  readonly name: string;
  /** Claimed, not verified. */
  readonly by: string;
  /** Claimed too: it approves nothing. */
  readonly approvedBy: readonly string[];
  readonly scope: Scope;
  /** It holds once two people have agreed to it by the API, whatever the names above. */
  readonly breakGlass: boolean;
  /** Knob to value: `rateLimit.NAME.factor`, `canary.weight`, `policy.NAME.mode`. */
  readonly set: Readonly<Record<string, number | string>>;
  /** From when it is first seen; 1..86400. */
  readonly ttlSeconds: number;
  readonly reason: string;
}

export interface Maintenance {
  readonly name: string;
  readonly owner?: string;
  readonly scope: Scope;
  readonly window:
    | { readonly kind: "once"; readonly fromMs: number; readonly toMs: number }
    /** Minute, hour, day of month, month, day of week; in UTC or the named zone. */
    | {
        readonly kind: "cron";
        readonly cron: string;
        readonly zone: string;
        readonly forSeconds: number;
      };
  /** Classes of Policies that rest. */
  readonly freeze: readonly PolicyClass[];
  readonly suppress: readonly Severity[];
  /** Counts of the window are left out of objectives. */
  readonly sloExclude: boolean;
}

/** An outside system: where signals come from that the mesh does not see itself, and where alerts go. */
export type Adapter =
  /** Posted to the control plane, signed with the secret of a file. */
  | {
      readonly kind: "signals";
      readonly name: string;
      readonly owner?: string;
      /** Absolute; its text without blanks at the ends is the secret, 16 characters at least. */
      readonly secretFile: string;
      readonly signals: readonly { readonly name: string; readonly maxAgeSeconds: number }[];
    }
  /** Sent by OTLP exporters, with the secret of a file as their token. */
  | {
      readonly kind: "otlp";
      readonly name: string;
      readonly owner?: string;
      /** As above. */
      readonly secretFile: string;
      readonly metrics: readonly {
        readonly signal: string;
        /** Name of the metric. */
        readonly metric: string;
        /** Attributes that its series must have, of the resource or the point. */
        readonly where: Readonly<Record<string, string>>;
        /** Of a histogram, in (0,1); absent: its mean. */
        readonly quantile?: number;
        readonly maxAgeSeconds: number;
      }[];
    }
  /** Asked now and then; each answer is one number, with its labels. */
  | {
      readonly kind: "prometheus";
      readonly name: string;
      readonly owner?: string;
      readonly url: string;
      readonly queries: readonly {
        readonly signal: string;
        readonly query: string;
        readonly intervalSeconds: number;
      }[];
    }
  /** Alertmanager v2. */
  | {
      readonly kind: "alertmanager";
      readonly name: string;
      readonly owner?: string;
      /** Without `/api/v2`. */
      readonly url: string;
      /** Absolute; its text is a bearer token. */
      readonly secretFile?: string;
      /** Whose alerts; empty: everybody's. */
      readonly for: readonly string[];
    }
  /** JSON, signed with the secret of a file. */
  | {
      readonly kind: "webhook";
      readonly name: string;
      readonly owner?: string;
      readonly url: string;
      readonly secretFile: string;
      readonly for: readonly string[];
    };

/** Whose tokens (JWT) are believed. */
export interface Identity {
  readonly name: string;
  readonly owner?: string;
  readonly issuer: string;
  /** A token is for one of them; never empty. */
  readonly audiences: readonly string[];
  /** JSON Web Key Set of public keys, as JSON text, or where every Envoy fetches it. */
  readonly jwks: string | RemoteKeys;
}

export interface RemoteKeys {
  /** `http:` or `https:`; its host is what the Service is asked for. */
  readonly uri: string;
  readonly service: string;
}
