import { status } from "@grpc/grpc-js";
import { LIMIT_DOMAIN } from "../policy/descriptor.ts";
import { protoRoot } from "../proto/bundle.ts";
import type { Descriptor, Judgement, RateLimiter } from "./rate-limiter.ts";
import type { Answer } from "./unary-connection.ts";

/**
 * Envoy's rate-limit service: a question for each request that a limit of scope global holds, answered from memory. A
 * refusal carries `retry-after`. Before the intent is loaded it is UNAVAILABLE, so that `onUnavailable` holds and nobody
 * takes "not loaded" for "no limit".
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ratelimit/v3/rls.proto
 */
export interface RateLimitServiceOptions {
  readonly limiter: Pick<RateLimiter, "judge">;
  readonly isReady: () => boolean;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

const PACKAGE = "envoy.service.ratelimit.v3";
const OK = 1;
const OVER_LIMIT = 2;

/** Far above what the limits of one route make. */
const MAX_DESCRIPTORS = 64;

/** A day: beyond, the header would only worry. */
const MAX_RETRY_AFTER_S = 86_400;

interface Request {
  readonly domain: string;
  readonly descriptors: readonly Descriptor[];
  readonly hits_addend: number;
}

/** `ShouldRateLimit`. */
export function rateLimitMethod({ limiter, isReady, nowMs }: RateLimitServiceOptions): Answer {
  const requestType = protoRoot().lookupType(`${PACKAGE}.RateLimitRequest`);
  const responseType = protoRoot().lookupType(`${PACKAGE}.RateLimitResponse`);
  return (bytes) => {
    if (!isReady()) return { code: status.UNAVAILABLE, details: "no intent is loaded yet" };
    const request = parse(() => requestType.decode(bytes) as unknown as Request);
    const fault = faultOf(request);
    if (request === undefined || fault !== undefined)
      return { code: status.INVALID_ARGUMENT, details: fault ?? "" };
    const { descriptors, hits_addend: hits } = request;
    const response = toResponse(limiter.judge(nowMs(), descriptors, hits || 1));
    return responseType.encode(response).finish() as Buffer;
  };
}

/** Bytes that do not parse make protobufjs throw errors of several kinds. */
function parse(read: () => Request): Request | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function faultOf(request: Request | undefined): string | undefined {
  if (request === undefined) return "the message is no RateLimitRequest";
  if (request.domain !== LIMIT_DOMAIN)
    return `the one domain here is ${LIMIT_DOMAIN}, not ${JSON.stringify(request.domain)}`;
  const { length } = request.descriptors;
  return length > 0 && length <= MAX_DESCRIPTORS
    ? undefined
    : `${length} descriptors; a request has 1 to ${MAX_DESCRIPTORS}`;
}

function toResponse({ isOver, statuses, waitMs }: Judgement): object {
  const seconds = Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(waitMs / 1000)));
  return {
    overall_code: codeOf(isOver),
    statuses: statuses.map((each) => ({
      code: codeOf(each.isOver),
      limit_remaining: each.remaining,
    })),
    ...(isOver && { response_headers_to_add: [{ key: "retry-after", value: String(seconds) }] }),
  };
}

function codeOf(isOver: boolean): number {
  return isOver ? OVER_LIMIT : OK;
}
