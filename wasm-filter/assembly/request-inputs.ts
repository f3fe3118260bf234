import { cohortOf } from "../../src/core/hash.ts";
import { Request } from "../../src/core/request.ts";
import { hashOf } from "./hash.ts";
import { ATTEMPT, GRPC_TIMEOUT, REQUEST_ID, TIMEOUT } from "./keys.ts";
import { tierOf } from "./match.ts";
import { parseGrpcTimeoutMs, parseWhole } from "./numbers.ts";
import { Key, Scope, TenantWeight, Tier } from "./records.ts";
import { believedCohort, believedTier } from "./stamp.ts";

/**
 * What the law is told of the present request, read from the headers the keys hold. The tier and cohort come from
 * the stamp of the hop before, else the tier from the matches and the cohort from the request id, which is the same in the
 * whole tree of requests that one caused. Anything malformed counts as absent.
 */
const COHORTS: f64 = 64;
const STREAM_ID: usize = heap.alloc(4);

export const request: Request = new Request();
/** Whether tier and cohort came with the request, so that there is nothing to write. */
export let isStamped: bool = false;

/** Null if the scope has no tier for it, which no accepted configuration brings about. */
export function readRequest(scope: Scope, id: u32): Tier | null {
  const believed = believedTier(scope);
  isStamped = believed !== null;
  const tier: Tier | null = believed || tierOf(scope);
  if (tier === null) return null;
  request.tier = <f64>tier.index;
  request.cohort = isStamped ? <f64>believedCohort / COHORTS : cohortOf(identityOf(id));
  request.attempt = max<f64>(wholeOf(ATTEMPT), 1);
  request.deadlineMs = deadlineMs();
  readTenant(scope);
  return tier;
}

/** 0..63. */
export function cohort(): u32 {
  return <u32>(request.cohort * COHORTS);
}

/** Without a request id, that of the stream in this worker: as good as random, but not the same on the next hop. */
function identityOf(id: u32): f64 {
  if (REQUEST_ID.valueSize > 0) return hashOf(REQUEST_ID.value, REQUEST_ID.valueSize);
  store<u32>(STREAM_ID, id);
  return hashOf(STREAM_ID, 4);
}

function wholeOf(key: Key): f64 {
  return parseWhole(key.value, key.valueSize);
}

/** What the caller that waits least still waits; 0: unknown, as Envoy takes a timeout of 0 for none. */
function deadlineMs(): f64 {
  const timeoutMs = wholeOf(TIMEOUT);
  const grpcMs = parseGrpcTimeoutMs(GRPC_TIMEOUT.value, GRPC_TIMEOUT.valueSize);
  if (timeoutMs === 0 || grpcMs === 0) return max<f64>(timeoutMs, grpcMs);
  return min<f64>(timeoutMs, grpcMs);
}

function readTenant(scope: Scope): void {
  const key = scope.tenantKey;
  request.tenant = 0;
  request.weight = 1;
  // Without the header all are one tenant: leaving it out must not pay.
  if (key === null) return;
  request.tenant = hashOf(key.value, key.valueSize);
  request.weight = weightOf(scope, request.tenant);
}

/** By hash alone: two tenants that share one share their fair share too. */
function weightOf(scope: Scope, hash: f64): f64 {
  let weight: TenantWeight | null = scope.weights;
  while (weight !== null && weight.hash !== hash) weight = weight.next;
  return weight === null ? 1 : weight.weight;
}
