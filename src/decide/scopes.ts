import { allRoutes } from "../policy/all-routes.ts";
import type { Route } from "../policy/intent/route.ts";
import type { Shedding } from "../policy/intent/shedding.ts";
import type { NodeRole } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/**
 * Which Sheddings act on the nodes of a role. At a gateway: those that name it, one of the routes that attach to it, or a
 * service such a route sends or mirrors to. At a sidecar: that of its service, those of the routes it calls by, and those of
 * the services it reaches that have no sidecar of their own. Mode `off` acts on nothing. By name.
 */
export function sheddingsOf(policySet: PolicySet, role: NodeRole): readonly Shedding[] {
  const targets =
    role.role === "gateway"
      ? gatewayTargets(policySet, role.name)
      : sidecarTargets(policySet, role.service);
  return policySet.sheddings
    .filter(({ mode, target }) => mode !== "off" && targets[target.kind].has(target.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Targets = Readonly<Record<Shedding["target"]["kind"], ReadonlySet<string>>>;

function gatewayTargets(policySet: PolicySet, gateway: string): Targets {
  const routes = allRoutes(policySet).filter(({ parents }) =>
    parents.some((parent) => parent.gateway === gateway),
  );
  return {
    gateway: new Set([gateway]),
    route: namesOf(routes),
    service: new Set(routes.flatMap(servicesOf)),
  };
}

function sidecarTargets(policySet: PolicySet, name: string): Targets {
  const { services } = policySet;
  const sidecar = services.find((each) => each.name === name)?.sidecar;
  if (sidecar === undefined) return { gateway: NONE, route: NONE, service: NONE };
  const called = services.filter((each) => sidecar.calls?.includes(each.name) ?? true);
  const routesTo = (service: string) =>
    allRoutes(policySet).filter(({ meshParents }) => meshParents.includes(service));
  const routes = called.flatMap((each) => routesTo(each.name));
  const plain = called.filter((each) => routesTo(each.name).length === 0);
  const reached = new Set([...namesOf(plain), ...routes.flatMap(servicesOf)]);
  const alone = services.filter((each) => reached.has(each.name) && each.sidecar === undefined);
  return {
    gateway: NONE,
    route: namesOf(routes),
    service: new Set([name, ...namesOf(alone)]),
  };
}

const NONE: ReadonlySet<string> = new Set();

function namesOf(things: readonly { readonly name: string }[]): Set<string> {
  return new Set(things.map(({ name }) => name));
}

function servicesOf({ rules }: Route): string[] {
  return rules.flatMap(({ backends, filters }) => [
    ...backends.map(({ service }) => service),
    ...filters.flatMap((filter) => (filter.kind === "mirror" ? [filter.backend.service] : [])),
  ]);
}
