import type { PolicySet, Route } from "./policy-set.ts";

/** Routes of every kind. */
export function allRoutes({ httpRoutes, grpcRoutes }: PolicySet): Route[] {
  return [...httpRoutes, ...grpcRoutes];
}
