import type { Target } from "./target.ts";

export interface Shedding {
  readonly name: string;
  readonly owner: string;
  readonly target: Target;
  readonly mode: "off" | "shadow" | "enforce";
  /** 1..8, most important first. */
  readonly tiers: readonly Tier[];
  /** Index into `tiers` of what matches nothing. */
  readonly unmatched: number;
  /** Requests in flight per Envoy. */
  readonly limit: { readonly min: number; readonly max: number; readonly initial: number };
  readonly answer: {
    readonly status: 429 | 503;
    readonly retryAfter: boolean;
    /** Tell callers with every answer how full the service is. */
    readonly loadReport: boolean;
  };
  readonly exempt: readonly SheddingMatch[];
  /** Who a request is for, and who gets how much of a tier; absent: requests of one tier are alike. */
  readonly tenant?: Tenant;
  /** Lower case: believed from verified peers only, stripped from everyone else. */
  readonly meshOnlyHeaders: readonly string[];
}

export interface Tier {
  readonly name: string;
  /** Share of this tier no Policy may go below; absent: none. */
  readonly floorRatio?: number;
  /** Worth of one request. */
  readonly value?: number;
  readonly matches: readonly SheddingMatch[];
}

export interface SheddingMatch {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly path?: { readonly type: "Exact" | "PathPrefix"; readonly value: string };
}

export interface Tenant {
  /** Lower case. */
  readonly header: string;
  /** Value of the header to its weight, 0.001..1000; others weigh 1. */
  readonly weights: Readonly<Record<string, number>>;
}
