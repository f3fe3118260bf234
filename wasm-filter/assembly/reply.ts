import { Status, sendReply } from "./host.ts";
import { CONTENT_TYPE } from "./keys.ts";
import { equals, Span } from "./memory.ts";
import { Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * The answer to a request that is shed. `x-envoy-ratelimited` keeps Envoy routers on the way from retrying it; `retry-after`
 * is 1 to 3 s by the stream's id, so that callers do not come back together. A gRPC caller gets RESOURCE_EXHAUSTED, which
 * Envoy writes with these headers into one trailers-only answer, and a push-back: not to be tried again by the client itself.
 */
const DETAILS: Span = constant("qmesh_shed");
const BODY: Span = constant("overloaded, request shed");
const GRPC: Span = constant("application/grpc");
const PLUS: u32 = 0x2b;
const COLON: u32 = 0x3a;
const SEMICOLON: u32 = 0x3b;
const RATE_LIMITED = "x-envoy-ratelimited:true;";
const RETRY_AFTER = "retry-after:1;";
const PUSHBACK = "grpc-retry-pushback-ms:-1;";
const FIRST_SECOND: u32 = 0x31;

/** The headers of an answer, made once; only the digit of `retry-after` changes. */
class Answer {
  readonly headers: Span;
  private at: usize = 0;
  private sizeAt: usize = 0;
  private digit: usize = 0;

  constructor(hasRetryAfter: bool, isGrpc: bool) {
    const count: u32 = 1 + (hasRetryAfter ? 1 : 0) + (isGrpc ? 1 : 0);
    this.headers = constant("");
    this.headers.ptr = heap.alloc(128);
    store<u32>(this.headers.ptr, count);
    this.sizeAt = this.headers.ptr + 4;
    this.at = this.sizeAt + count * 8;
    this.put(RATE_LIMITED);
    if (hasRetryAfter) this.put(RETRY_AFTER);
    this.digit = this.at - 2;
    if (isGrpc) this.put(PUSHBACK);
    this.headers.size = <u32>(this.at - this.headers.ptr);
  }

  /** Sizes first, then name and value, each ended by a 0: as the host reads pairs. */
  private put(header: usize): void {
    let size: u32 = 0;
    for (let byte = load<u8>(header); byte !== 0; byte = load<u8>(++header)) {
      const isEnd = byte === COLON || byte === SEMICOLON;
      store<u8>(this.at++, isEnd ? 0 : byte);
      size++;
      if (!isEnd) continue;
      store<u32>(this.sizeAt, size - 1);
      this.sizeAt += 4;
      size = 0;
    }
  }

  spread(id: u32): void {
    store<u8>(this.digit, FIRST_SECOND + (((id * 2654435769) >>> 16) % 3));
  }
}

const PLAIN: Answer = new Answer(false, false);
const PLAIN_LATER: Answer = new Answer(true, false);
const GRPC_NEVER: Answer = new Answer(false, true);
const GRPC_LATER: Answer = new Answer(true, true);

export function replyShed(scope: Scope, id: u32): bool {
  return sendReply(scope.status, DETAILS, BODY, headersFor(scope, id)) === Status.Ok;
}

function headersFor(scope: Scope, id: u32): Span {
  const isGrpc = hasGrpcType();
  if (!scope.isRetryAfterSent) return isGrpc ? GRPC_NEVER.headers : PLAIN.headers;
  const answer = isGrpc ? GRPC_LATER : PLAIN_LATER;
  answer.spread(id);
  return answer.headers;
}

/** As Envoy tells: the type itself or with a suffix after a plus; `application/grpc-web` is none. */
function hasGrpcType(): bool {
  const size = CONTENT_TYPE.valueSize;
  if (size < GRPC.size || !equals(CONTENT_TYPE.value, GRPC.size, GRPC.ptr, GRPC.size)) return false;
  return size === GRPC.size || load<u8>(CONTENT_TYPE.value + GRPC.size) === PLUS;
}
