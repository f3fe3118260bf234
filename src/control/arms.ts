import type { SampledService } from "../evidence/access-counts.ts";
import { localityName } from "../evidence/load-counts.ts";
import type { PolicySet, Service, Shedding } from "../policy/policy-set.ts";
import { compareTargets } from "../policy/precedence.ts";
import { clusterName } from "../resources/names.ts";

/** What the clusters of a set are about, by their names: service, version, and what tells their requests apart. */
export function armsOf({ services, sheddings }: PolicySet): ReadonlyMap<string, SampledService> {
  const arms = services.flatMap((service) => {
    const tenantHeader = tenantHeaderOf(service, sheddings);
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

/** Of the Shedding of the service; else of a wider or narrower one, which may hold its requests. */
function tenantHeaderOf({ name }: Service, sheddings: readonly Shedding[]): string | undefined {
  const tenanted = sheddings.filter(({ tenant }) => tenant !== undefined);
  const own = tenanted.find(({ target }) => target.kind === "service" && target.name === name);
  const others = tenanted
    .filter(({ target }) => target.kind !== "service")
    .sort((a, b) => compareTargets(a.target, b.target));
  return (own ?? others[0])?.tenant?.header;
}
