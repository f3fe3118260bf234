/**
 * `RateLimit`: how many requests a second may pass, in one bucket for all or one for each value of some keys. The bucket holds
 * `burst` tokens and is filled at `rate`. A request that lacks a header it is counted by shares one bucket with all that lack it.
 * Of the RateLimits that could hold a request, those of the narrowest target do: route, then Service, then Gateway; one
 * of mode `off` keeps wider ones away. `bounds` are for Policies and do nothing where there are none.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { Rate } from "./intent/rate.ts";
import type { RateLimit, RateLimitKey } from "./intent/rate-limit.ts";
import { headerName } from "./names.ts";
import { rate, toRps } from "./rate.ts";
import { checkTarget, targetOf, targetSpec } from "./target.ts";

/** Envoy needs a row for every set of headers that may be absent: 2^4 at most. */
const MOST_KEYS = 4;
/** Envoy counts tokens in 32 bits. */
const MOST_TOKENS = 4_294_967_295;

const word = oneOf(["address", "tenant"], {
  tier: "limits per tier are",
  principal: "limits per principal are",
});

export const rateLimitSpec = fields({
  target: targetSpec,
  rate: rate().exactOptional(),
  burst: z.int().min(1).max(MOST_TOKENS).exactOptional(),
  per: z
    .array(z.union([fields({ header: headerName }), word]))
    .max(MOST_KEYS)
    .default([]),
  scope: oneOf(["local", "global"]).default("local"),
  onUnavailable: oneOf(["allow", "deny", "local"]).exactOptional(),
  mode: oneOf(["off", "shadow", "enforce"]).default("enforce"),
  bounds: fields({ min: rate().exactOptional(), max: rate().exactOptional() }).exactOptional(),
});

export type RateLimitSpec = z.output<typeof rateLimitSpec>;

/** `hasPolicies`: whether anything in the set looks at bounds. */
export function checkRateLimit(
  draft: Draft<RateLimitSpec>,
  { hasPolicies }: { readonly hasPolicies: boolean },
): void {
  const { spec } = draft;
  checkTarget(draft);
  if (spec.rate === undefined) draft.lacks("QM0007", ["rate"], "missing; such as 400/s");
  refuseRepeats(draft, { path: ["per"], names: keyNames(spec), field: "" });
  if (spec.onUnavailable !== undefined && spec.scope === "local" && !draft.isDamaged(["scope"])) {
    const message = "a limit of scope local asks no service; write scope: global or leave this out";
    draft.wrong("QM0123", ["onUnavailable"], message);
  }
  checkBounds(draft);
  if (hasPolicies || spec.bounds === undefined) return;
  draft.wrong("QM0905", ["bounds"], "bounds bind Policies and have no effect until there are some");
}

/** `header x-tenant`, `address` or `tenant`, in the order written. */
export function keyNames({ per }: RateLimitSpec): string[] {
  return per.map((key) => (typeof key === "string" ? key : `header ${key.header}`));
}

function checkBounds(draft: Draft<RateLimitSpec>): void {
  const { bounds, rate } = draft.spec;
  if (bounds === undefined) return;
  const { min, max } = bounds;
  const isAbove = (a: Rate | undefined, b: Rate | undefined) =>
    a !== undefined && b !== undefined && toRps(a) > toRps(b);
  if (isAbove(min, max)) draft.wrong("QM0122", ["bounds", "min"], "min is above max");
  else if (isAbove(min, rate)) draft.wrong("QM0122", ["bounds", "min"], "min is above rate");
  else if (isAbove(rate, max)) draft.wrong("QM0122", ["bounds", "max"], "max is below rate");
}

/** `tenantHeader`: what `tenant` stands for; there is one if the set has no error. */
export function toRateLimit(
  draft: Draft<RateLimitSpec>,
  owner: string,
  tenantHeader: string | undefined,
): RateLimit {
  const { spec, name } = draft;
  const target = targetOf(spec);
  if (target === undefined || spec.rate === undefined) {
    throw new Error(`invariant: RateLimit ${name} has no target or no rate`);
  }
  const common = {
    name,
    owner,
    target,
    rate: spec.rate,
    burst: spec.burst ?? Math.max(1, Math.ceil(toRps(spec.rate))),
    per: spec.per.map((key) => toKey(key, tenantHeader)),
    mode: spec.mode,
    ...(spec.bounds !== undefined && { bounds: spec.bounds }),
  };
  if (spec.scope === "local") return { ...common, scope: "local" };
  return { ...common, scope: "global", onUnavailable: spec.onUnavailable ?? "local" };
}

function toKey(key: RateLimitSpec["per"][number], tenantHeader: string | undefined): RateLimitKey {
  if (key === "address") return { kind: "address" };
  if (key !== "tenant") return { kind: "header", name: key.header };
  if (tenantHeader === undefined) throw new Error("invariant: nothing says who the tenant is");
  return { kind: "header", name: tenantHeader };
}
