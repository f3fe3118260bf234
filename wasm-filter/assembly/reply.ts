import { Status, sendReply } from "./host.ts";
import { Span } from "./memory.ts";
import { Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * The answer to a request that is shed. `x-envoy-ratelimited` keeps Envoy routers on the way from retrying it; `retry-after`
 * is 1 to 3 s by the stream's id, so that callers do not come back together. A gRPC caller gets RESOURCE_EXHAUSTED.
 */
const DETAILS: Span = constant("qmesh_shed");
const BODY: Span = constant("overloaded, request shed");
const RATE_LIMITED = "x-envoy-ratelimited";
const RETRY_AFTER = "retry-after";
const NO_RETRY_AFTER: Span = headers("");
const AFTER_1: Span = headers("1");
const AFTER_2: Span = headers("2");
const AFTER_3: Span = headers("3");

/** Pairs as the host reads them: their number, the sizes, then name and value of each, every one ended by a 0. */
function headers(retryAfter: string): Span {
  const hasRetryAfter = retryAfter.length > 0;
  const pairs = constant(
    hasRetryAfter
      ? `....nnnnvvvvnnnnvvvv${RATE_LIMITED}.true.${RETRY_AFTER}.${retryAfter}.`
      : `....nnnnvvvv${RATE_LIMITED}.true.`,
  );
  for (let i: u32 = 0; i < pairs.size; i++) {
    if (load<u8>(pairs.ptr + i) === 0x2e) store<u8>(pairs.ptr + i, 0);
  }
  store<u32>(pairs.ptr, hasRetryAfter ? 2 : 1);
  store<u32>(pairs.ptr + 4, RATE_LIMITED.length);
  store<u32>(pairs.ptr + 8, 4);
  if (hasRetryAfter) {
    store<u32>(pairs.ptr + 12, RETRY_AFTER.length);
    store<u32>(pairs.ptr + 16, retryAfter.length);
  }
  return pairs;
}

function headersFor(scope: Scope, id: u32): Span {
  if (!scope.isRetryAfterSent) return NO_RETRY_AFTER;
  const spread = ((id * 2654435769) >>> 16) % 3;
  if (spread === 0) return AFTER_1;
  return spread === 1 ? AFTER_2 : AFTER_3;
}

export function replyShed(scope: Scope, id: u32): bool {
  return sendReply(scope.status, DETAILS, BODY, headersFor(scope, id)) === Status.Ok;
}
