import type { Locality } from "../policy/intent/endpoint.ts";
import type { Service } from "../policy/intent/service.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/**
 * How much an Envoy at one place prefers endpoints of another, 0 most: its own zone if the Service prefers zones, its own
 * region, the regions written to stand in for it in their order, all others. Where the Service says nothing, or nobody knows
 * where the Envoy is, all are alike. With `zones: "alike"` Envoy itself chooses among the zones of its region.
 */
export function rankOf(
  to: Locality | undefined,
  from: Locality | undefined,
  service: Preference,
  zones: "ranked" | "alike" = "ranked",
): number {
  if (!isSensitive(service) || from === undefined) return OWN_ZONE;
  const { failover } = service;
  const prefersZone = service.prefersZone === true && zones === "ranked";
  const standIns = failover?.[from.region] ?? [];
  if (to === undefined) return STAND_IN + standIns.length;
  if (to.region === from.region) {
    const isNear = !prefersZone || (to.zone === from.zone && to.zone !== "");
    return isNear ? OWN_ZONE : OWN_REGION;
  }
  const at = standIns.indexOf(to.region);
  return STAND_IN + (at < 0 ? standIns.length : at);
}

const OWN_ZONE = 0;
const OWN_REGION = 1;
const STAND_IN = 2;

/** True if Envoys of one role get different endpoints by where they are. */
export function isLocalitySensitive({ services }: PolicySet): boolean {
  return services.some(isSensitive);
}

type Preference = Pick<Service, "failover" | "prefersZone">;

function isSensitive({ failover, prefersZone }: Preference): boolean {
  return failover !== undefined || prefersZone === true;
}
