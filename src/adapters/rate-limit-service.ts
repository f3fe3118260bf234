import {
  type MethodDefinition,
  type Server,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { LIMIT_DOMAIN } from "../policy/descriptor.ts";
import { loadService } from "../proto/service.ts";
import type { Descriptor, Judgement, RateLimiter } from "./rate-limiter.ts";

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

const SERVICE = "envoy.service.ratelimit.v3.RateLimitService";
const OK = 1;
const OVER_LIMIT = 2;

/** A day: beyond, the header would only worry. */
const MAX_RETRY_AFTER_S = 86_400;

interface Request {
  readonly domain: string;
  readonly descriptors: readonly Descriptor[];
  readonly hits_addend: number;
}

export function addRateLimitService(server: Server, options: RateLimitServiceOptions): void {
  const { ShouldRateLimit } = loadService(SERVICE);
  if (ShouldRateLimit === undefined) throw new Error(`invariant: ${SERVICE} has no method`);
  const { requestDeserialize } = ShouldRateLimit;
  // Read in the handler, so that bytes that are no request get a status and a sentence.
  const definition: MethodDefinition<Buffer, object> = {
    ...(ShouldRateLimit as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  server.addService(
    { ShouldRateLimit: definition },
    {
      ShouldRateLimit: (call: ServerUnaryCall<Buffer, object>, done: sendUnaryData<object>) => {
        const answer = answerTo(() => requestDeserialize(call.request) as Request, options);
        if ("code" in answer) done(answer);
        else done(null, answer);
      },
    },
  );
}

type Failed = { readonly code: status; readonly details: string };

function answerTo(
  read: () => Request,
  { limiter, isReady, nowMs }: RateLimitServiceOptions,
): object | Failed {
  if (!isReady()) return { code: status.UNAVAILABLE, details: "no intent is loaded yet" };
  const request = parse(read);
  if (request === undefined) return invalid("the message is no RateLimitRequest");
  if (request.domain !== LIMIT_DOMAIN)
    return invalid(`the one domain here is ${LIMIT_DOMAIN}, not ${JSON.stringify(request.domain)}`);
  if (request.descriptors.length === 0) return invalid("a request needs a descriptor");
  return toResponse(limiter.judge(nowMs(), request.descriptors, request.hits_addend || 1));
}

/** Bytes that do not parse make protobufjs throw errors of several kinds. */
function parse(read: () => Request): Request | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function invalid(details: string): Failed {
  return { code: status.INVALID_ARGUMENT, details };
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
