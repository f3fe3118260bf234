import type { Rate } from "./rate.ts";
import type { Tier } from "./shedding.ts";
import type { Target } from "./target.ts";

/** `local`: every Envoy counts for itself. `global`: the control plane counts for all of them. */
export type RateLimit =
  | (AnyRateLimit & { readonly scope: "local" })
  | (AnyRateLimit & {
      readonly scope: "global";
      /** What an Envoy does while it gets no answer; `local`: it counts for itself. */
      readonly onUnavailable: "allow" | "deny" | "local";
    });

interface AnyRateLimit {
  readonly name: string;
  /** As of a Service. */
  readonly decision?: string;
  readonly owner: string;
  readonly target: Target;
  readonly rate: Rate;
  /** Tokens a bucket holds, >= 1. */
  readonly burst: number;
  /** A bucket for each combination of values; empty: one bucket. No key twice. */
  readonly per: readonly RateLimitKey[];
  readonly mode: "off" | "shadow" | "enforce";
  /** How far a Policy may move the rate. */
  readonly bounds?: { readonly min?: Rate; readonly max?: Rate };
  /** Laid over by a Policy: tiers that have buckets of their own as well, beside those of all. */
  readonly tiered?: TieredRates;
}

export type RateLimitKey =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "address" };

export interface TieredRates {
  /** Of the Shedding that says what is of which tier. */
  readonly tiers: readonly Tier[];
  readonly unmatched: number;
  /** By name of the tier. */
  readonly rates: Readonly<Record<string, { readonly rate: Rate; readonly burst: number }>>;
}
