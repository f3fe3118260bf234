import { LIMIT_KEY } from "../policy/descriptor.ts";
import type { RateLimit, RateLimitKey } from "../policy/intent/rate-limit.ts";
import type { Route, RouteRule } from "../policy/intent/route.ts";
import { compareTargets } from "../policy/precedence.ts";
import { byName } from "./reached-services.ts";
import type { JsonObject } from "./resource.ts";
import { tierAction } from "./tier.ts";

/**
 * Which RateLimits hold the requests of a rule, and the actions by which Envoy names their buckets. The limits of the
 * narrowest target hold; one of mode `off` keeps wider ones away and counts nothing. A descriptor is the name of the
 * limit and a value for each key; a header that a request lacks is left out of it.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rate_limit_filter
 */
export interface RuleSite {
  /** Undefined: at the outbound side of a sidecar. */
  readonly gateway: string | undefined;
  /** Undefined: a Service without a route, called by its own name. */
  readonly route: string | undefined;
  readonly rule: RouteRule;
}

export function sitesOf(routes: readonly Route[], gateway?: string): RuleSite[] {
  return routes.flatMap(({ name, rules }) => rules.map((rule) => ({ gateway, route: name, rule })));
}

export function limitsOf(
  rateLimits: readonly RateLimit[],
  { gateway, route, rule }: RuleSite,
): RateLimit[] {
  const services = new Set(rule.backends.map(({ service }) => service));
  const [onlyService] = services.size === 1 ? services : [];
  const here = { gateway, route, service: onlyService };
  const [narrowest] = rateLimits
    .map(({ target }) => target)
    .filter(({ kind, name }) => here[kind] === name)
    .sort(compareTargets);
  const held = rateLimits.filter(
    ({ target, mode }) =>
      target.kind === narrowest?.kind && target.name === narrowest.name && mode !== "off",
  );
  return byName(held);
}

/** Those of all rules of a node, by name. */
export function heldLimits(
  sites: readonly RuleSite[],
  rateLimits: readonly RateLimit[],
): RateLimit[] {
  return byName([...new Set(sites.flatMap((site) => limitsOf(rateLimits, site)))]);
}

/**
 * Envoy's stages tell its rate-limit filters apart. What to do without an answer is a property of a filter and not of a
 * limit, and so is whether it enforces; hence one filter for each case.
 */
export const STAGE = { localShadow: 0, local: 1, globalOrAllow: 2, globalOrDeny: 3 } as const;
type Stage = (typeof STAGE)[keyof typeof STAGE];

export function stagesOf(limit: RateLimit): readonly Stage[] {
  const isShadow = limit.mode === "shadow";
  if (limit.scope === "local") return [isShadow ? STAGE.localShadow : STAGE.local];
  // A shadow changes nothing, also while nobody answers.
  if (isShadow || limit.onUnavailable === "allow") return [STAGE.globalOrAllow];
  if (limit.onUnavailable === "deny") return [STAGE.globalOrDeny];
  return [STAGE.local, STAGE.globalOrAllow];
}

/** `RouteAction.rate_limits`. */
export function rateLimitJson(limits: readonly RateLimit[]): JsonObject {
  const entries = limits.flatMap((limit) =>
    stagesOf(limit).flatMap((stage) => actionLists(limit).map((actions) => ({ stage, actions }))),
  );
  return entries.length === 0 ? {} : { rate_limits: entries };
}

/** One for the bucket of all, one more for that of the tier. */
function actionLists({ name, per, tiered }: RateLimit): JsonObject[][] {
  const limit = { generic_key: { descriptor_key: LIMIT_KEY, descriptor_value: name } };
  const keys = per.map(keyJson);
  return [
    [limit, ...keys],
    ...(tiered === undefined ? [] : [[limit, tierAction(tiered), ...keys]]),
  ];
}

function keyJson(key: RateLimitKey): JsonObject {
  if (key.kind === "address") return { remote_address: {} };
  return {
    request_headers: { header_name: key.name, descriptor_key: keyName(key), skip_if_absent: true },
  };
}

/** Key of a descriptor's entry; an address has the one Envoy gives it. */
export function keyName(key: RateLimitKey): string {
  return key.kind === "address" ? "remote_address" : `header_${key.name}`;
}
