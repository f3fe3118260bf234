import { type Arm, type Evidence, SLOW_MS } from "../../evidence/evidence.ts";
import { disagreementsOf } from "../../evidence/sample-check.ts";
import type { ConditionFunctions } from "../../policy/cel/condition-functions.ts";
import { headroomOf } from "./headroom.ts";

type Asked = Pick<ConditionFunctions, "quantile" | "share" | "headroom" | "disagreement">;

/** What conditions ask of the mesh's own traffic. `services`: those the asking document is about. */
export interface TrafficFunctions extends Asked {
  /** A second, of all the services together. */
  requestRate(seconds: number): number | undefined;
  /** Of the service that was heard of last, seconds. */
  requestAge(): number | undefined;
}

export function trafficFunctions(
  evidence: Evidence,
  services: readonly string[],
): TrafficFunctions {
  return {
    quantile: (service, q, seconds) =>
      evidence.stateOf({ service }).state === "blind"
        ? undefined
        : quantileOf({ service }, q, seconds, evidence),
    share: (tenant) => shareOf(tenant, services, evidence),
    headroom: (locality, q) => {
      const arms = services
        .filter((service) => evidence.partsOf(service, "locality").includes(locality))
        .map((service) => ({ service, locality }));
      return headroomOf(evidence, arms, q);
    },
    disagreement: (service) => {
      const found = disagreementsOf(evidence, service);
      return found && Math.max(0, ...found.map(({ ratio }) => ratio));
    },
    requestRate: (seconds) => requestRate(evidence, services, seconds),
    requestAge: () => {
      const ages = services.map((service) => evidence.stateOf({ service }).ageSeconds);
      return ages.length === 0 ? undefined : Math.min(...ages);
    },
  };
}

function requestRate(
  evidence: Evidence,
  services: readonly string[],
  seconds: number,
): number | undefined {
  const heard = services.filter((service) => evidence.stateOf({ service }).state !== "blind");
  const counts = heard.map((service) => evidence.countsOf({ service }, seconds));
  const most = Math.max(0, ...counts.map((each) => each.seconds));
  return most === 0 ? undefined : counts.reduce((sum, { requests }) => sum + requests, 0) / most;
}

/** Seconds, between the edges of the histogram by a straight line. */
function quantileOf(arm: Arm, q: number, seconds: number, evidence: Evidence): number | undefined {
  const { timed, slow } = evidence.countsOf(arm, seconds);
  if (timed === 0) return undefined;
  const allowed = (1 - q) * timed;
  const at = slow.findIndex((count) => count <= allowed);
  if (at < 0) return (SLOW_MS.at(-1) ?? 0) / 1000;
  const below = at === 0 ? timed : (slow[at - 1] ?? timed);
  const above = slow[at] ?? 0;
  const from = at === 0 ? 0 : (SLOW_MS[at - 1] ?? 0);
  const to = SLOW_MS[at] ?? from;
  const part = below === above ? 1 : (below - allowed) / (below - above);
  return (from + (to - from) * part) / 1000;
}

/** Of the sample of the access log, in the last minute: fewer than 30 requests show no share. */
function shareOf(
  tenant: string,
  services: readonly string[],
  evidence: Evidence,
): number | undefined {
  const source = "access log";
  const heard = services.filter((service) => {
    return evidence.stateOf({ service, source }).state !== "blind";
  });
  const total = (arm: (service: string) => Arm) =>
    heard.reduce((sum, service) => sum + evidence.countsOf(arm(service), 60).requests, 0);
  const all = total((service) => ({ service, source }));
  return all < LEAST_SAMPLE ? undefined : total((service) => ({ service, tenant })) / all;
}

const LEAST_SAMPLE = 30;
