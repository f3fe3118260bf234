import type { PolicySet, Service } from "../policy/policy-set.ts";
import { buildCluster } from "../resources/cluster.ts";

/**
 * Services of which a cluster that Envoys have becomes another one. Envoy 1.40 starts `upstream_rq_5xx` and the like anew
 * when a cluster's outlier settings change, while `upstream_rq_total` runs on: counts that span such a push lie.
 */
export function changedClusters(before: PolicySet | undefined, after: PolicySet): string[] {
  const known = new Map((before?.services ?? []).map((service) => [service.name, service]));
  return after.services.flatMap((service) => {
    const old = known.get(service.name);
    return old === undefined || clustersOf(old) === clustersOf(service) ? [] : [service.name];
  });
}

function clustersOf(service: Service): string {
  return JSON.stringify(service.versions.map((version) => buildCluster(service, version).body));
}
