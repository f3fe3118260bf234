import type { AutomationDrafts } from "./automation/automation-drafts.ts";
import type { Draft } from "./draft.ts";
import type { GatewaySpec } from "./gateway.ts";
import type { GrpcRouteSpec } from "./grpc-route.ts";
import type { HttpRouteSpec } from "./http-route.ts";
import type { RateLimitSpec } from "./rate-limit.ts";
import type { ServiceSpec } from "./service.ts";
import type { SheddingSpec } from "./shedding.ts";

/** All documents of a set by kind, before it is certain that they fit together. */
export interface Drafts extends AutomationDrafts {
  readonly Gateway: readonly Draft<GatewaySpec>[];
  readonly HTTPRoute: readonly Draft<HttpRouteSpec>[];
  readonly GRPCRoute: readonly Draft<GrpcRouteSpec>[];
  readonly Service: readonly Draft<ServiceSpec>[];
  readonly Shedding: readonly Draft<SheddingSpec>[];
  readonly RateLimit: readonly Draft<RateLimitSpec>[];
}

export type RouteDraft = Draft<HttpRouteSpec> | Draft<GrpcRouteSpec>;

export function routeDrafts({ HTTPRoute, GRPCRoute }: Drafts): readonly RouteDraft[] {
  return [...HTTPRoute, ...GRPCRoute];
}
