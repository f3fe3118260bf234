import type { PolicySet, Shedding } from "../policy/policy-set.ts";

/**
 * Which Sheddings act on the Envoys of a gateway: those that name it, one of the routes that attach to it, or a service
 * such a route sends or mirrors to. Mode `off` acts on nothing. By name.
 */
export function sheddingsOf(policySet: PolicySet, gateway: string): readonly Shedding[] {
  const routes = policySet.httpRoutes.filter(({ parents }) =>
    parents.some((parent) => parent.gateway === gateway),
  );
  const rules = routes.flatMap((route) => route.rules);
  const targets = {
    gateway: new Set([gateway]),
    route: new Set(routes.map(({ name }) => name)),
    service: new Set(
      rules.flatMap(({ backends, filters }) => [
        ...backends.map(({ service }) => service),
        ...filters.flatMap((filter) => (filter.kind === "mirror" ? [filter.backend.service] : [])),
      ]),
    ),
  };
  return policySet.sheddings
    .filter(({ mode, target }) => mode !== "off" && targets[target.kind].has(target.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
