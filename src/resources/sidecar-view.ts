import { allRoutes } from "../policy/all-routes.ts";
import type { Route } from "../policy/intent/route.ts";
import type { Service, Sidecar } from "../policy/intent/service.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Catalog } from "./catalog.ts";
import { byName, reachedServices } from "./reached-services.ts";

/**
 * What the sidecars of one service need of the whole intent: the Services the instance may call, each with the routes that hold
 * for its callers, and the services these reach. Sorted, so that the order of the intent never shows in a resource.
 */
export interface SidecarView {
  readonly service: Service;
  readonly sidecar: Sidecar;
  readonly hosts: readonly MeshHost[];
  readonly routes: readonly Route[];
  /** Backends and mirrors of `routes`, and the hosts without a route. */
  readonly services: readonly Service[];
}

/** A Service under its own name. */
export interface MeshHost {
  readonly service: Service;
  /** Empty: requests go to the Service itself, with its own defaults. */
  readonly routes: readonly Route[];
}

/** Undefined: the intent has no such service, or it says nothing of sidecars (a node may say any name). */
export function viewSidecar(
  policySet: PolicySet,
  name: string,
  catalog: Catalog,
): SidecarView | undefined {
  const service = policySet.services.find((each) => each.name === name);
  const sidecar = service?.sidecar;
  if (service === undefined || sidecar === undefined) return undefined;
  const called = policySet.services.filter((each) => sidecar.calls?.includes(each.name) ?? true);
  const hosts = byName(called).map((each) => ({
    service: each,
    routes: byName(
      allRoutes(policySet).filter(({ meshParents }) => meshParents.includes(each.name)),
    ),
  }));
  const routes = [...new Set(hosts.flatMap((host) => host.routes))];
  const plain = hosts.filter((host) => host.routes.length === 0).map((host) => host.service);
  const services = byName([...new Set([...plain, ...reachedServices(routes, catalog)])]);
  return { service, sidecar, hosts, routes: byName(routes), services };
}
