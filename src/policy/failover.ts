/**
 * `failover` of a Service: where the requests of one region go when its own endpoints fail. An Envoy prefers the endpoints of
 * its own region, then those of the regions written for it, in their order, then all others. Envoy can only know that endpoints
 * fail if something looks: a health check or outlier detection.
 */
import { z } from "zod";
import type { Draft } from "./draft.ts";
import { fields } from "./fields.ts";

const region = fields({ region: z.string().min(1).max(63) });

export const failoverSpec = z
  .array(fields({ from: region, to: region }))
  .min(1)
  .max(64);

type FailoverSpec = z.output<typeof failoverSpec>;

interface Spec {
  readonly failover?: FailoverSpec;
  readonly trafficDistribution?: string;
  readonly dns?: unknown;
  readonly versions?: Readonly<Record<string, { readonly dns?: unknown }>>;
  readonly healthCheck?: unknown;
  readonly outlier?: unknown;
}

export function checkFailover(draft: Draft<Spec>): void {
  const { failover, trafficDistribution, healthCheck, outlier } = draft.spec;
  const field = failover === undefined ? "trafficDistribution" : "failover";
  if (failover === undefined && trafficDistribution === undefined) return;
  for (const [index, { from, to }] of (failover ?? []).entries()) {
    if (from.region !== to.region) continue;
    const message = `${to.region} fails over to itself; name another region`;
    draft.wrong("QM0131", ["failover", index, "to", "region"], message);
  }
  checkRepeats(draft, failover ?? []);
  checkDns(draft, field);
  const isLost = draft.isDamaged(["healthCheck"]) || draft.isDamaged(["outlier"]);
  if (healthCheck !== undefined || outlier !== undefined || isLost) return;
  const message =
    "Envoy does not learn that endpoints fail, and stays with them; give the Service a healthCheck or outlier";
  draft.wrong("QM0910", [field], message);
}

function checkRepeats(draft: Draft<unknown>, failover: FailoverSpec): void {
  const ways = failover.map(({ from, to }) => `${from.region} to ${to.region}`);
  for (const [index, way] of ways.entries()) {
    const first = ways.indexOf(way);
    if (first === index) continue;
    const written = draft.indexOf(["failover", first]);
    draft.wrong("QM0101", ["failover", index], `${way} is already entry ${written} of this list`);
  }
}

/** A name says nothing of where its addresses are. */
function checkDns(draft: Draft<Spec>, field: string): void {
  const { dns, versions = {} } = draft.spec;
  const named = Object.entries(versions).find(([, version]) => version.dns !== undefined);
  if (dns === undefined && named === undefined) return;
  const where = named === undefined ? "the Service" : `version ${named[0]}`;
  const message = `${where} is a dns name, whose addresses have no locality, so that none is preferred there`;
  draft.wrong("QM0911", [field], message);
}

/** Region to the regions that stand in for it, in the order written. */
export function toFailover(spec: FailoverSpec): Readonly<Record<string, readonly string[]>> {
  const regions = [...new Set(spec.map(({ from }) => from.region))].sort();
  return Object.fromEntries(
    regions.map((name) => [
      name,
      spec.filter(({ from }) => from.region === name).map(({ to }) => to.region),
    ]),
  );
}
