/**
 * `GRPCRoute` of Gateway API: which calls of which Gateway, or of which Service's callers, go to which Services. A rule matches on
 * service and method of the call and on headers; a Service says how long a call may take and when it is tried again.
 */
import { z } from "zod";
import { backendRef, toBackend } from "./backend-ref.ts";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, variant } from "./fields.ts";
import { checkGrpcMatch, grpcMatch, MATCH_ALL_GRPC, toGrpcMatch } from "./grpc-match.ts";
import type { Route, RouteRule } from "./intent/route.ts";
import { hostname, label } from "./names.ts";
import { checkParentRefs, parentRefs, toParents } from "./parent-ref.ts";
import type { Path } from "./path.ts";
import { checkFilters, headerAndMirrorFilters, toFilter } from "./route-filter.ts";
import { checkSomeBackend } from "./rule-backends.ts";

const rule = fields(
  {
    name: label.exactOptional(),
    matches: z.array(grpcMatch).max(64).default([]),
    filters: z
      .array(
        variant("type", headerAndMirrorFilters, {
          ExtensionRef: "filters of type ExtensionRef are",
        }),
      )
      .max(16)
      .default([]),
    backendRefs: z.array(backendRef).max(16).default([]),
  },
  { sessionPersistence: "sticky sessions are" },
);

export const grpcRouteSpec = fields(
  {
    parentRefs,
    hostnames: z.array(hostname).max(16).default([]),
    rules: z.array(rule).max(16).default([]),
  },
  { useDefaultGateways: "default Gateways are" },
);

export type GrpcRouteSpec = z.output<typeof grpcRouteSpec>;
type RuleSpec = z.output<typeof rule>;

export function checkGrpcRoute(draft: Draft<GrpcRouteSpec>): void {
  const { hostnames, rules } = draft.spec;
  checkParentRefs(draft);
  if (rules.length === 0) draft.lacks("QM0007", ["rules"], "missing; a route needs a rule");
  refuseRepeats(draft, { path: ["hostnames"], names: hostnames, field: "" });
  refuseRepeats(draft, { path: ["rules"], names: rules.map(({ name }) => name), field: "name" });
  for (const [index, rule] of rules.entries()) checkRule(draft, rule, ["rules", index]);
}

function checkRule(draft: Draft<GrpcRouteSpec>, rule: RuleSpec, path: Path): void {
  for (const [index, match] of rule.matches.entries()) {
    checkGrpcMatch(draft, match, [...path, "matches", index]);
  }
  checkFilters(draft, rule.filters, [...path, "filters"]);
  const { backendRefs } = rule;
  const message = "missing; a rule needs a backend";
  if (backendRefs.length === 0) draft.lacks("QM0109", [...path, "backendRefs"], message);
  else checkSomeBackend(draft, backendRefs, [...path, "backendRefs"]);
}

export function toGrpcRoute(draft: Draft<GrpcRouteSpec>): Route {
  const { parentRefs, hostnames, rules } = draft.spec;
  return {
    kind: "GRPCRoute",
    name: draft.name,
    ...toParents(parentRefs),
    hostnames,
    rules: rules.map(toRule),
  };
}

function toRule({ matches, filters, backendRefs }: RuleSpec): RouteRule {
  return {
    matches: matches.length === 0 ? [MATCH_ALL_GRPC] : matches.map(toGrpcMatch),
    filters: filters.map(toFilter),
    backends: backendRefs.map(toBackend),
    timeouts: {},
  };
}
