/**
 * `Service`: who answers, in which versions, and how Envoy treats them. `endpoints` directly under spec is the one version `v1`. Where
 * weights are absent, traffic goes evenly by endpoint: a version's share is the sum of its endpoints' weights. A version
 * that `weights` leaves out gets nothing.
 */
import { z } from "zod";
import { MOST_WEIGHT } from "./backend-ref.ts";
import type { Draft } from "./draft.ts";
import { duration } from "./duration.ts";
import { endpoint, toEndpoint } from "./endpoint.ts";
import { fields, oneOf, text } from "./fields.ts";
import { label } from "./names.ts";
import { didYouMean } from "./nearest.ts";
import type { Path } from "./path.ts";
import type { Service, ServiceVersion } from "./policy-set.ts";
import { percentage } from "./ratio.ts";
import { compareText } from "./report.ts";
import { pathFault } from "./request-path.ts";
import { retries } from "./retries.ts";
import { checkSidecar, sidecarSpec, toSidecar } from "./sidecar.ts";

const version = fields(
  { endpoints: z.array(endpoint).max(10_000).default([]) },
  {
    dns: "endpoints by name (dns) are",
    file: "endpoints from a watched file are",
    tls: "TLS towards endpoints is",
  },
);

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

export const serviceSpec = fields(
  {
    protocol: oneOf(["http1", "http2", "grpc"]).default("http1"),
    endpoints: z.array(endpoint).max(10_000).exactOptional(),
    versions: z.record(label, version).exactOptional(),
    weights: z.record(z.string(), z.int().min(0).max(MOST_WEIGHT)).exactOptional(),
    timeout: duration({ positive: false }).exactOptional(),
    retries: retries.exactOptional(),
    circuitBreaker: circuitBreaker.exactOptional(),
    outlier: outlier.exactOptional(),
    healthCheck: healthCheck.exactOptional(),
    sidecar: sidecarSpec.exactOptional(),
  },
  {
    dns: "endpoints by name (dns) are",
    file: "endpoints from a watched file are",
    failover: "failover between localities is",
    tls: "TLS towards endpoints is",
  },
);

export type ServiceSpec = z.output<typeof serviceSpec>;

export function checkService(draft: Draft<ServiceSpec>): void {
  const { endpoints, versions = {}, weights } = draft.spec;
  checkOneSource(draft);
  if (endpoints !== undefined) checkEndpoints(draft, endpoints, ["endpoints"]);
  for (const [name, version] of Object.entries(versions)) {
    checkEndpoints(draft, version.endpoints, ["versions", name, "endpoints"]);
  }
  if (weights !== undefined) checkWeights(draft, weights);
  checkSidecar(draft);
}

function checkOneSource(draft: Draft<ServiceSpec>): void {
  const { endpoints, versions } = draft.spec;
  if (endpoints !== undefined && versions !== undefined) {
    const message = "endpoints and versions are both there; move the endpoints into a version";
    draft.wrong("QM0115", ["endpoints"], message);
  } else if (
    endpoints === undefined &&
    (versions === undefined || Object.keys(versions).length === 0)
  ) {
    const hidden = draft.isDamaged(["endpoints"]) || draft.isDamaged(["versions"]);
    const elsewhere = draft.isDamaged(["dns"]) || draft.isDamaged(["file"]);
    if (!hidden && !elsewhere)
      draft.wrong("QM0007", ["endpoints"], "missing; a Service needs endpoints or versions");
  }
}

function checkEndpoints(
  draft: Draft<ServiceSpec>,
  specs: NonNullable<ServiceSpec["endpoints"]>,
  path: Path,
): void {
  // The version is damaged, too, if it says `dns` or `file` instead.
  if (specs.length === 0 && !draft.isDamaged(path.slice(0, -1))) {
    draft.wrong("QM0007", path, "missing; a version needs an endpoint");
  }
  const seen = new Map<string, number>();
  for (const [index, spec] of specs.entries()) {
    const { host, port } = toEndpoint(spec);
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const first = seen.get(address);
    if (first === undefined) seen.set(address, index);
    else
      draft.wrong(
        "QM0102",
        [...path, index],
        `${address} is already endpoint ${draft.indexOf([...path, first])}`,
      );
  }
}

function checkWeights(draft: Draft<ServiceSpec>, weights: Readonly<Record<string, number>>): void {
  const names = versionNames(draft.spec);
  for (const name of Object.keys(weights)) {
    if (names.includes(name) || draft.hasLost(["versions", name])) continue;
    const hint = didYouMean(name, names) || `; versions: ${names.join(", ") || "none"}`;
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
export function versionNames({ endpoints, versions }: ServiceSpec): string[] {
  if (versions === undefined) return endpoints === undefined ? [] : ["v1"];
  return Object.keys(versions).sort(compareText);
}

export function toService(draft: Draft<ServiceSpec>, owner: string | undefined): Service {
  const { protocol, timeout, retries, circuitBreaker, outlier, healthCheck, sidecar } = draft.spec;
  const versions = toVersions(draft.spec);
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
  };
}

function toVersions(spec: ServiceSpec): ServiceVersion[] {
  return versionNames(spec).map((name) => {
    const endpoints = spec.versions?.[name]?.endpoints ?? spec.endpoints ?? [];
    return { name, endpoints: endpoints.map(toEndpoint) };
  });
}

function toWeights(
  { weights }: ServiceSpec,
  versions: readonly ServiceVersion[],
): Record<string, number> {
  const even = ({ endpoints }: ServiceVersion) =>
    endpoints.reduce((sum, { weight }) => sum + weight, 0);
  return Object.fromEntries(
    versions.map((version) => [
      version.name,
      weights === undefined ? even(version) : (weights[version.name] ?? 0),
    ]),
  );
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
