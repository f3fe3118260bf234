import type { Route } from "./intent/route.ts";
import type { PolicySet } from "./policy-set.ts";

/** Routes of every kind. */
export function allRoutes({ httpRoutes, grpcRoutes }: PolicySet): Route[] {
  return [...httpRoutes, ...grpcRoutes];
}
