import type { Service } from "../policy/intent/service.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/**
 * Services of which a cluster that Envoys have becomes another one. Envoy 1.40 starts `upstream_rq_5xx` and the like anew
 * when a cluster's outlier settings change, while `upstream_rq_total` runs on: counts that span such a push lie.
 */
export function changedClusters(before: PolicySet | undefined, after: PolicySet): string[] {
  const known = new Map((before?.services ?? []).map((service) => [service.name, service]));
  return after.services.flatMap((service) => {
    const old = known.get(service.name);
    return old === undefined || settingsOf(old) === settingsOf(service) ? [] : [service.name];
  });
}

/** All but what lives in endpoints and routes: a second too many that is left out costs little. */
function settingsOf({ versions, weights: _, ...settings }: Service): string {
  const clusters = versions.map(({ endpoints: __, ...version }) => version);
  return JSON.stringify([settings, clusters]);
}
