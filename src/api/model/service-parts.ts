import { tenantOf } from "../../control/arms.ts";
import { type Arm, type Evidence, sampledRatioOf } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { ServiceView } from "../view/service.ts";
import { ratesOf } from "./rates.ts";
import { fairParts, meanInflight } from "./tenants.ts";

/** Each part of a service that counts apart, with what is known of its last minute. */
const MINUTE = 60;
const SHOWN = ["version", "locality", "endpoint", "tier", "tenant"] as const;

type Part = ServiceView["parts"][number];

interface PartSeen {
  readonly evidence: Evidence;
  /** Requests a second that were shed, by tenant. */
  readonly shed: ReadonlyMap<string, number>;
}

export function partViews(
  { name: service }: { readonly name: string },
  { policySet, ...seen }: PartSeen & { readonly policySet: PolicySet },
): readonly Part[] {
  const parts = SHOWN.flatMap((part) =>
    namesOf(service, part, seen).map((value) => partOf({ service, part, value }, seen)),
  );
  return withFairParts(parts, tenantOf({ name: service }, policySet.sheddings)?.weights ?? {});
}

function partOf(
  { service, part, value }: { service: string; part: Part["part"]; value: string },
  { evidence, shed }: PartSeen,
): Part {
  const arm: Arm = { service, [part]: value };
  const counts = evidence.countsOf(arm, MINUTE);
  const { requestRps: counted = 0, p50Ms: _, p99Ms: __, ...rest } = ratesOf(counts);
  const ratio = sampledRatioOf(arm);
  // A second without a sample is one with few requests, not one of which nothing is known.
  const heard = Math.max(1, MINUTE - counts.voidSeconds);
  const requestRps = ratio < 1 ? counts.requests / heard / ratio : counted;
  const inflight = meanInflight(requestRps, counts);
  const shedRps = part === "tenant" ? shed.get(value) : undefined;
  return {
    ...{ part, name: value, requestRps },
    ...rest,
    ...(inflight !== undefined && { inflight }),
    ...(shedRps !== undefined && { shedRps }),
  };
}

function withFairParts(
  parts: readonly Part[],
  weights: Readonly<Record<string, number>>,
): readonly Part[] {
  const tenants = parts.filter(({ part }) => part === "tenant");
  const asking = tenants.map(({ name, requestRps, shedRps = 0 }) => ({
    ...{ askedRps: requestRps + shedRps, weight: weights[name] ?? 1 },
  }));
  const admitted = tenants.reduce((sum, { requestRps }) => sum + requestRps, 0);
  const fair = new Map(
    fairParts(asking, admitted).map((rps, at) => [
      tenants[at]?.name,
      { weight: asking[at]?.weight ?? 1, rps },
    ]),
  );
  return parts.map((each) => {
    const own = each.part === "tenant" ? fair.get(each.name) : undefined;
    return own === undefined ? each : { ...each, fair: own };
  });
}

/** A tenant of whom all is shed has no request that counts. */
function namesOf(
  service: string,
  part: Part["part"],
  { evidence, shed }: PartSeen,
): readonly string[] {
  const known = evidence.partsOf(service, part);
  return part === "tenant" ? [...new Set([...known, ...shed.keys()])].sort() : known;
}
