/**
 * `HTTPRoute` of Gateway API: which requests of which Gateway, or of which Service's callers, go to which Services, and what is done to them on the way. Lists are
 * bounded as in the standard. What a rule leaves out (timeouts, retries) the Service decides.
 */
import { z } from "zod";
import { backendRef, toBackend } from "./backend-ref.ts";
import { type Draft, refuseRepeats } from "./draft.ts";
import { duration } from "./duration.ts";
import { fields } from "./fields.ts";
import type { Route, RouteRule } from "./intent/route.ts";
import { hostname, label } from "./names.ts";
import { checkParentRefs, parentRefs, toParents } from "./parent-ref.ts";
import type { Path } from "./path.ts";
import { checkFilters, pathModifierOf, routeFilter, toFilter } from "./route-filter.ts";
import { checkMatch, MATCH_ALL, routeMatch, toMatch } from "./route-match.ts";
import { checkSomeBackend } from "./rule-backends.ts";
import { retrySpec, toRuleRetry } from "./rule-retry.ts";

const timeouts = fields({
  request: duration({ positive: false }).exactOptional(),
  backendRequest: duration({ positive: false }).exactOptional(),
});

const rule = fields(
  {
    name: label.exactOptional(),
    matches: z.array(routeMatch).max(64).default([]),
    filters: z.array(routeFilter).max(16).default([]),
    backendRefs: z.array(backendRef).max(16).default([]),
    timeouts: timeouts.default({}),
    retry: retrySpec.exactOptional(),
  },
  { sessionPersistence: "sticky sessions are" },
);

export const httpRouteSpec = fields(
  {
    parentRefs,
    hostnames: z.array(hostname).max(16).default([]),
    rules: z.array(rule).max(16).default([]),
  },
  { useDefaultGateways: "default Gateways are" },
);

export type HttpRouteSpec = z.output<typeof httpRouteSpec>;
type RuleSpec = z.output<typeof rule>;

export function checkHttpRoute(draft: Draft<HttpRouteSpec>): void {
  const { hostnames, rules } = draft.spec;
  checkParentRefs(draft);
  if (rules.length === 0) draft.lacks("QM0007", ["rules"], "missing; a route needs a rule");
  refuseRepeats(draft, { path: ["hostnames"], names: hostnames, field: "" });
  refuseRepeats(draft, { path: ["rules"], names: rules.map(({ name }) => name), field: "name" });
  for (const [index, rule] of rules.entries()) checkRule(draft, rule, ["rules", index]);
}

function checkRule(draft: Draft<HttpRouteSpec>, rule: RuleSpec, path: Path): void {
  for (const [index, match] of rule.matches.entries()) {
    checkMatch(draft, match, [...path, "matches", index]);
  }
  checkFilters(draft, rule.filters, [...path, "filters"]);
  checkBackends(draft, rule, path);
  checkPrefixes(draft, rule, path);
  const { request, backendRequest } = rule.timeouts;
  // 0s is the standard's way to switch a timeout off.
  if (request && backendRequest !== undefined && backendRequest > request) {
    const message = `${backendRequest}ms is above request, ${request}ms, of which it is a part`;
    draft.wrong("QM0111", [...path, "timeouts", "backendRequest"], message);
  }
}

function checkBackends(draft: Draft<HttpRouteSpec>, rule: RuleSpec, path: Path): void {
  const refs = [...path, "backendRefs"];
  const redirects = rule.filters.some(({ type }) => type === "RequestRedirect");
  if (rule.backendRefs.length === 0) {
    const mayRedirect = redirects || draft.hasLost([...path, "filters"]);
    if (!mayRedirect) {
      draft.lacks("QM0109", refs, "missing; a rule needs a backend or a RequestRedirect filter");
    }
    return;
  }
  if (redirects) {
    draft.wrong(
      "QM0108",
      refs,
      "a rule that redirects answers by itself; take out the backendRefs",
    );
  }
  checkSomeBackend(draft, rule.backendRefs, refs);
}

function checkPrefixes(draft: Draft<HttpRouteSpec>, rule: RuleSpec, path: Path): void {
  const odd = rule.matches.find((match) => match.path.type !== "PathPrefix");
  if (odd === undefined) return;
  for (const [index, filter] of rule.filters.entries()) {
    const found = pathModifierOf(filter);
    if (found?.modifier.type !== "ReplacePrefixMatch") continue;
    const message = `no prefix to replace: the rule also matches the ${odd.path.type} path ${odd.path.value}`;
    draft.wrong("QM0110", [...path, "filters", index, ...found.at, "replacePrefixMatch"], message);
  }
}

export function toHttpRoute(draft: Draft<HttpRouteSpec>): Route {
  const { parentRefs, hostnames, rules } = draft.spec;
  return {
    kind: "HTTPRoute",
    name: draft.name,
    ...toParents(parentRefs),
    hostnames,
    rules: rules.map(toRule),
  };
}

function toRule({ matches, filters, backendRefs, timeouts, retry }: RuleSpec): RouteRule {
  const { request, backendRequest } = timeouts;
  return {
    matches: matches.length === 0 ? [MATCH_ALL] : matches.map(toMatch),
    filters: filters.map(toFilter),
    backends: backendRefs.map(toBackend),
    timeouts: {
      ...(request !== undefined && { requestMs: request }),
      ...(backendRequest !== undefined && { backendRequestMs: backendRequest }),
    },
    ...(retry !== undefined && { retry: toRuleRetry(retry) }),
  };
}
