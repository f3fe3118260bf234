/**
 * `Service`: who answers, in which versions, and how Envoy treats them. `endpoints`, `dns` or `file` directly under spec is the
 * one version `v1`. Where
 * weights are absent, traffic goes evenly by endpoint: a version's share is the sum of its endpoints' weights. A version
 * that `weights` leaves out gets nothing.
 */
import { z } from "zod";
import { MOST_WEIGHT } from "./backend-ref.ts";
import type { ReadBeside } from "./beside-file.ts";
import type { Draft } from "./draft.ts";
import { duration } from "./duration.ts";
import { checkSource, endpointSources, sourcesIn, toVersion } from "./endpoint-source.ts";
import { checkFailover, failoverSpec, toFailover } from "./failover.ts";
import { fields, oneOf, text } from "./fields.ts";
import type { Service, ServiceVersion } from "./intent/service.ts";
import { label } from "./names.ts";
import { didYouMeanOneOf } from "./nearest.ts";
import { rate } from "./rate.ts";
import { percentage } from "./ratio.ts";
import { compareText } from "./report.ts";
import { pathFault } from "./request-path.ts";
import { retries } from "./retries.ts";
import { checkServiceTls, serviceTlsSpec, toServiceTls } from "./service-tls.ts";
import { checkSidecar, sidecarSpec, toSidecar } from "./sidecar.ts";

const version = fields(endpointSources);

/** Envoy counts in 32 bits. */
const count = z.int().min(1).max(4_294_967_295);
const positive = duration({ positive: true });

const healthCheck = fields({
  path: text(pathFault),
  interval: positive.default(5000),
  unhealthy: z.int().min(1).max(100).default(3),
  healthy: z.int().min(1).max(100).default(2),
});

const outlier = fields({
  consecutive5xx: count.exactOptional(),
  interval: positive.exactOptional(),
  baseEjection: positive.exactOptional(),
  maxEjected: percentage().exactOptional(),
});

const circuitBreaker = fields({
  maxConnections: count.exactOptional(),
  maxPending: count.exactOptional(),
  maxRequests: count.exactOptional(),
});

export const serviceSpec = fields({
  protocol: oneOf(["http1", "http2", "grpc"]).default("http1"),
  ...endpointSources,
  versions: z.record(label, version).exactOptional(),
  weights: z.record(z.string(), z.int().min(0).max(MOST_WEIGHT)).exactOptional(),
  timeout: duration({ positive: false }).exactOptional(),
  retries: retries.exactOptional(),
  circuitBreaker: circuitBreaker.exactOptional(),
  outlier: outlier.exactOptional(),
  healthCheck: healthCheck.exactOptional(),
  sidecar: sidecarSpec.exactOptional(),
  tls: serviceTlsSpec.exactOptional(),
  failover: failoverSpec.exactOptional(),
  trafficDistribution: oneOf(["PreferSameZone"]).exactOptional(),
  maxRatePerEndpoint: rate().exactOptional(),
});

export type ServiceSpec = z.output<typeof serviceSpec>;

export function checkService(draft: Draft<ServiceSpec>, read: ReadBeside): void {
  const { versions = {}, weights } = draft.spec;
  checkOneSource(draft);
  checkSource(draft, draft.spec, { path: [], read });
  for (const [name, version] of Object.entries(versions)) {
    const path = ["versions", name];
    if (sourcesIn(version).length === 0 && !draft.isDamaged(path)) {
      draft.wrong("QM0007", path, "missing; a version needs endpoints, dns or file");
    }
    checkSource(draft, version, { path, read });
  }
  if (weights !== undefined) checkWeights(draft, weights);
  checkSidecar(draft);
  checkServiceTls(draft, read);
  checkFailover(draft);
}

function checkOneSource(draft: Draft<ServiceSpec>): void {
  const { versions } = draft.spec;
  const [direct] = sourcesIn(draft.spec);
  if (direct !== undefined && versions !== undefined) {
    const message = `${direct} and versions are both there; move the ${direct} into a version`;
    draft.wrong("QM0115", [direct], message);
  } else if (
    direct === undefined &&
    (versions === undefined || Object.keys(versions).length === 0)
  ) {
    const isLost = ["endpoints", "dns", "file", "versions"].some((key) => draft.isDamaged([key]));
    if (!isLost) {
      const message = "missing; a Service needs endpoints, dns, file or versions";
      draft.wrong("QM0007", ["endpoints"], message);
    }
  }
}

function checkWeights(draft: Draft<ServiceSpec>, weights: Readonly<Record<string, number>>): void {
  const names = versionNames(draft.spec);
  for (const name of Object.keys(weights)) {
    if (names.includes(name) || draft.hasLost(["versions", name])) continue;
    const hint = didYouMeanOneOf(name, names, "versions");
    draft.wrong("QM0112", ["weights", name], `the Service has no version ${name}${hint}`);
  }
  if (Object.values(weights).every((weight) => weight === 0) && !draft.hasLost(["weights"])) {
    draft.wrong(
      "QM0104",
      ["weights"],
      "all weights are 0, so nobody would answer; give one a weight",
    );
  }
}

/** In order of name. */
export function versionNames(spec: ServiceSpec): string[] {
  if (spec.versions === undefined) return sourcesIn(spec).length === 0 ? [] : ["v1"];
  return Object.keys(spec.versions).sort(compareText);
}

/** What to say if the Service does not have the version, as far as one can tell. */
export function versionFault(service: Draft<ServiceSpec>, version: string): string | undefined {
  const names = versionNames(service.spec);
  if (names.includes(version) || service.hasLost(["versions"])) return undefined;
  const hint = didYouMeanOneOf(version, names, "versions");
  return `Service ${service.name} has no version ${version}${hint}`;
}

export function toService(
  draft: Draft<ServiceSpec>,
  owner: string | undefined,
  read: ReadBeside,
): Service {
  const { protocol, timeout, retries, circuitBreaker, outlier, healthCheck } = draft.spec;
  const { sidecar, tls, failover, trafficDistribution, maxRatePerEndpoint } = draft.spec;
  const load = (path: string) => read(draft.source.file, path);
  const versions = versionNames(draft.spec).map((name) =>
    toVersion(name, draft.spec.versions?.[name] ?? draft.spec, load),
  );
  return {
    name: draft.name,
    labels: draft.metadata.labels,
    ...(owner !== undefined && { owner }),
    protocol,
    versions,
    weights: toWeights(draft.spec, versions),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(retries !== undefined && { retries: toRetries(retries) }),
    ...(circuitBreaker !== undefined && { circuitBreaker }),
    ...(outlier !== undefined && { outlier: toOutlier(outlier) }),
    ...(healthCheck !== undefined && { healthCheck: toHealthCheck(healthCheck) }),
    ...(sidecar !== undefined && { sidecar: toSidecar(sidecar) }),
    ...(failover !== undefined && { failover: toFailover(failover) }),
    ...(trafficDistribution !== undefined && { prefersZone: true }),
    ...(tls !== undefined && { tls: toServiceTls(tls, draft.source.file, read) }),
    ...(maxRatePerEndpoint !== undefined && { maxRatePerEndpoint }),
  };
}

function toWeights(
  { weights }: ServiceSpec,
  versions: readonly ServiceVersion[],
): Record<string, number> {
  if (weights !== undefined) {
    return Object.fromEntries(versions.map(({ name }) => [name, weights[name] ?? 0]));
  }
  const sizes = versions.map((version): [string, number] => [version.name, sizeOf(version)]);
  // With nobody there, all answer 503 alike; weights of 0 would make it a 500.
  const isDeserted = sizes.every(([, size]) => size === 0);
  return Object.fromEntries(isDeserted ? sizes.map(([name]) => [name, 1]) : sizes);
}

/** How many a name stands for, only Envoy knows: it counts as one. */
function sizeOf({ endpoints, dns }: ServiceVersion): number {
  if (dns !== undefined) return 1;
  const serving = endpoints.filter(({ health }) => health !== "draining" && health !== "unhealthy");
  return serving.reduce((sum, { weight }) => sum + weight, 0);
}

function toRetries({
  attempts,
  on,
  budget,
}: z.output<typeof retries>): NonNullable<Service["retries"]> {
  return { attempts, on, ...(budget !== undefined && { budgetRatio: budget }) };
}

function toOutlier(spec: z.output<typeof outlier>): NonNullable<Service["outlier"]> {
  const { consecutive5xx, interval, baseEjection, maxEjected } = spec;
  return {
    ...(consecutive5xx !== undefined && { consecutive5xx }),
    ...(interval !== undefined && { intervalMs: interval }),
    ...(baseEjection !== undefined && { baseEjectionMs: baseEjection }),
    ...(maxEjected !== undefined && { maxEjectedRatio: maxEjected }),
  };
}

function toHealthCheck(spec: z.output<typeof healthCheck>): NonNullable<Service["healthCheck"]> {
  const { path, interval, unhealthy, healthy } = spec;
  return { path, intervalMs: interval, unhealthy, healthy };
}
