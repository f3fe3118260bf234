/**
 * What GRPCRoutes need of others. Gateway API lets only one of the two kinds of routes hold a hostname of a listener or a Service,
 * so that nobody has to know how rules of different kinds rank.
 */
import { serviceOf } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import type { Drafts, RouteDraft } from "./drafts.ts";
import type { GrpcRouteSpec } from "./grpc-route.ts";
import { hostnamesMeet } from "./hostname-match.ts";
import type { ServiceSpec } from "./service.ts";

/** gRPC needs HTTP/2 up to the endpoint. */
export function checkProtocols(
  route: Draft<GrpcRouteSpec>,
  { Service }: { readonly Service: ReadonlyMap<string, Draft<ServiceSpec>> },
): void {
  for (const [index, { backendRefs }] of route.spec.rules.entries()) {
    for (const [at, ref] of backendRefs.entries()) {
      const service = Service.get(serviceOf(ref));
      if (service?.spec.protocol !== "http1" || service.isDamaged(["protocol"])) continue;
      const path = ["rules", index, "backendRefs", at, "name"];
      const message = `Service ${service.name} has protocol http1; gRPC needs grpc or http2`;
      route.wrong("QM0212", path, message);
    }
  }
}

export function checkKindsApart({ GRPCRoute, HTTPRoute }: Drafts): void {
  for (const route of GRPCRoute) {
    for (const [index, ref] of route.spec.parentRefs.entries()) {
      const other = HTTPRoute.find((each) => holdsToo(each, route, ref));
      if (other === undefined) continue;
      const message = `HTTPRoute ${other.name} (${other.place}) holds a hostname of this route there; give each its own`;
      route.wrong("QM0211", ["parentRefs", index, "name"], message);
    }
  }
}

type ParentRef = GrpcRouteSpec["parentRefs"][number];

function holdsToo(http: RouteDraft, { spec }: Draft<GrpcRouteSpec>, ref: ParentRef): boolean {
  const isThere = http.spec.parentRefs.some(
    ({ kind, name, sectionName }) =>
      kind === ref.kind &&
      name === ref.name &&
      (sectionName ?? ref.sectionName) === (ref.sectionName ?? sectionName),
  );
  return isThere && (ref.kind === "Service" || anyMeet(http.spec.hostnames, spec.hostnames));
}

function anyMeet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((one) => b.some((other) => hostnamesMeet(one, other)));
}
