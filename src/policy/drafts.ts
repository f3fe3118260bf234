import type { Draft } from "./draft.ts";
import type { GatewaySpec } from "./gateway.ts";
import type { HttpRouteSpec } from "./http-route.ts";
import type { ServiceSpec } from "./service.ts";
import type { SheddingSpec } from "./shedding.ts";

/** All documents of a set by kind, before it is certain that they fit together. */
export interface Drafts {
  readonly Gateway: readonly Draft<GatewaySpec>[];
  readonly HTTPRoute: readonly Draft<HttpRouteSpec>[];
  readonly Service: readonly Draft<ServiceSpec>[];
  readonly Shedding: readonly Draft<SheddingSpec>[];
}
