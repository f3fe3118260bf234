import { cohortOf, HASH_SEED, hashByte } from "../../core/hash.ts";
import type { Request } from "../../core/request.ts";
import type { Shedding, SheddingMatch } from "../../policy/intent/shedding.ts";
import { toPrefix } from "../../policy/request-path.ts";
import type { TraceRequest } from "./trace.ts";

/**
 * What the law is told of a captured request: the filter's own rules, read from the trace. Tier and cohort come from
 * the stamp of the hop before if it is believed, else the tier from the matches and the cohort from the request id.
 * Anything malformed counts as absent.
 */
const STAMP = /^([a-z0-9-]+);(\d|[1-5]\d|6[0-3])$/;
const COHORTS = 64;
/** As the filter: of a longer value only the end counts. */
const MOST_HASHED_BYTES = 64;

/** Fills `request`; the index of the tier. `index`: of the request in its trace, its identity where it has no id. */
export function readInputs(
  shedding: Shedding,
  traced: TraceRequest,
  into: { readonly request: Request; readonly index: number },
): number {
  const { request } = into;
  const stamp = believedStamp(shedding, traced.headers.get("x-qmesh-tier"));
  const tier = stamp?.tier ?? tierOf(shedding, traced);
  request.tier = tier;
  request.cohort = stamp?.cohort ?? cohortOf(identityOf(traced, into.index));
  request.attempt = Math.max(wholeOf(traced.headers.get("x-envoy-attempt-count")), 1);
  request.deadlineMs = deadlineMs(traced);
  const tenant = tenantOf(shedding, traced);
  // Without the header all are one tenant: leaving it out must not pay.
  request.tenant = shedding.tenant === undefined ? 0 : hashOf(Buffer.from(tenant));
  request.weight = weightOf(shedding, tenant);
  return tier;
}

/** Value of the tenant's header; empty where the Shedding has no tenants or the request none. */
export function tenantOf({ tenant }: Shedding, traced: TraceRequest): string {
  return (tenant && traced.headers.get(tenant.header)) ?? "";
}

export function isExempt(shedding: Shedding, traced: TraceRequest): boolean {
  return shedding.exempt.some((match) => holds(match, traced));
}

export function tierOf(shedding: Shedding, traced: TraceRequest): number {
  const matched = shedding.tiers.findIndex(({ matches }) =>
    matches.some((match) => holds(match, traced)),
  );
  return matched >= 0 ? matched : shedding.unmatched;
}

function holds({ headers, path }: SheddingMatch, traced: TraceRequest): boolean {
  const areHeld = headers.every(
    ({ name, value }) => traced.headers.get(name.toLowerCase()) === value,
  );
  return areHeld && (path === undefined || isPathHeld(path, traced.path));
}

function isPathHeld(wanted: NonNullable<SheddingMatch["path"]>, path: string): boolean {
  const [own = ""] = path.split(/[?#]/, 1);
  if (wanted.type === "Exact") return own === wanted.value;
  const prefix = toPrefix(wanted.value);
  return prefix === "/" || own === prefix || own.startsWith(`${prefix}/`);
}

function believedStamp(
  { tiers }: Shedding,
  header = "",
): { tier: number; cohort: number } | undefined {
  const [, name, cohort] = STAMP.exec(header) ?? [];
  const tier = tiers.findIndex((each) => each.name === name);
  return tier < 0 ? undefined : { tier, cohort: Number(cohort) / COHORTS };
}

function identityOf({ headers }: TraceRequest, index: number): number {
  const id = headers.get("x-request-id") ?? "";
  return hashOf(
    id === "" ? Uint8Array.of(index, index >> 8, index >> 16, index >> 24) : Buffer.from(id),
  );
}

function hashOf(bytes: Uint8Array): number {
  let hash = HASH_SEED;
  for (const byte of bytes.subarray(-MOST_HASHED_BYTES)) hash = hashByte(hash, byte);
  return hash;
}

function weightOf({ tenant }: Shedding, name: string): number {
  const weights = tenant?.weights ?? {};
  return Object.hasOwn(weights, name) ? (weights[name] ?? 1) : 1;
}

/** What the caller that waits least still waits; 0: unknown. */
function deadlineMs({ headers }: TraceRequest): number {
  const known = [
    wholeOf(headers.get("x-envoy-expected-rq-timeout-ms")),
    grpcTimeoutMs(headers.get("grpc-timeout")),
  ].filter((ms) => ms > 0);
  return known.length === 0 ? 0 : Math.min(...known);
}

const GRPC_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

function grpcTimeoutMs(header = ""): number {
  return wholeOf(header.slice(0, -1)) * (GRPC_UNITS_MS[header.slice(-1)] ?? 0);
}

/** 0 for anything but 1 to 10 digits. */
function wholeOf(header = ""): number {
  return /^\d{1,10}$/.test(header) ? Number(header) : 0;
}
