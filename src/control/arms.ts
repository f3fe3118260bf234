import type { SampledService } from "../evidence/access-counts.ts";
import { localityName } from "../evidence/load-counts.ts";
import type { Service } from "../policy/intent/service.ts";
import type { Shedding } from "../policy/intent/shedding.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { compareTargets } from "../policy/precedence.ts";
import { clusterName, routeName, serviceRouteName } from "../resources/names.ts";

/** What the clusters of a set are about, by their names: service, version, and what tells their requests apart. */
export function armsOf({ services, sheddings }: PolicySet): ReadonlyMap<string, SampledService> {
  const arms = services.flatMap((service) => {
    const tenantHeader = tenantOf(service, sheddings)?.header;
    return service.versions.map(({ name: version, endpoints }): [string, SampledService] => {
      const localities = new Map(
        endpoints.flatMap(({ host, port, locality }) =>
          locality ? [[`${host}:${port}`, localityName(locality.region, locality.zone)]] : [],
        ),
      );
      const arm = { service: service.name, version };
      return [
        clusterName(service.name, version),
        { arm, localities, ...(tenantHeader !== undefined && { tenantHeader }) },
      ];
    });
  });
  return new Map(arms);
}

/** Services by the name of a route that leads to one only; a sidecar's own route has the name of its service. */
export function routeArmsOf({
  services,
  sheddings,
  httpRoutes,
  grpcRoutes,
}: PolicySet): ReadonlyMap<string, SampledService> {
  const armOf = (service: Service): SampledService => {
    const tenantHeader = tenantOf(service, sheddings)?.header;
    const arm = { service: service.name };
    return { arm, localities: new Map(), ...(tenantHeader !== undefined && { tenantHeader }) };
  };
  const arms = services.map((each) => [serviceRouteName(each.name), armOf(each)] as const);
  const byName = new Map(services.map((each) => [each.name, each]));
  const led = [...httpRoutes, ...grpcRoutes].flatMap((route) => {
    const backends = route.rules.flatMap((rule) => rule.backends.map(({ service }) => service));
    const [only, ...others] = [...new Set(backends)];
    const service = only === undefined || others.length > 0 ? undefined : byName.get(only);
    return service === undefined ? [] : [[routeName(route), armOf(service)] as const];
  });
  return new Map([...arms, ...led]);
}

/** Of the Shedding of the service; else of a wider or narrower one, which may hold its requests. */
export function tenantOf(
  { name }: Pick<Service, "name">,
  sheddings: readonly Shedding[],
): Shedding["tenant"] {
  const tenanted = sheddings.filter(({ tenant }) => tenant !== undefined);
  const own = tenanted.find(({ target }) => target.kind === "service" && target.name === name);
  const others = tenanted
    .filter(({ target }) => target.kind !== "service")
    .sort((a, b) => compareTargets(a.target, b.target));
  return (own ?? others[0])?.tenant;
}
