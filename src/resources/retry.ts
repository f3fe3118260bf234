import type { RouteRule, RuleRetry } from "../policy/intent/route.ts";
import type { Service } from "../policy/intent/service.ts";
import { toDuration } from "../proto/duration.ts";
import type { JsonObject } from "./resource.ts";

/**
 * Timeouts and retries of a rule. `timeouts.request` bounds the whole request with its retries, `backendRequest` one
 * try; 0 means no bound, as in Gateway API. Where the rule is silent its services speak, of retries too. Envoy has one value per route,
 * so with several services the route takes what none of their owners forbids: the longest timeout (one silent service
 * means none) and only the retries that all of them allow.
 * Where nobody says anything there is no request timeout (Envoy's own 15 s would cut streams nobody meant to cut); a
 * request on which nothing moves still ends by the connection manager's idle timeout of 5 minutes.
 */
export function timeoutJson(rule: RouteRule, services: readonly Service[]): JsonObject {
  const stated = services.map(({ timeoutMs }) => timeoutMs ?? 0);
  const longest = stated.includes(0) ? 0 : Math.max(0, ...stated);
  const { requestMs = longest, backendRequestMs } = rule.timeouts;
  const retry = retryJson(rule.retry ?? commonRetries(services), backendRequestMs);
  return { timeout: toDuration(requestMs), ...(retry !== undefined && { retry_policy: retry }) };
}

function retryJson(
  { attempts, on, backoffMs }: RuleRetry,
  tryMs: number | undefined,
): JsonObject | undefined {
  const perTry = tryMs !== undefined && tryMs > 0 && { per_try_timeout: toDuration(tryMs) };
  // Without `retry_on` nothing is retried, but the try is still bounded.
  if (attempts === 0 || on.length === 0) return perTry === false ? undefined : { ...perTry };
  const statuses = on.filter((reason) => STATUS.test(reason));
  const reasons = on.filter((reason) => !STATUS.test(reason));
  return {
    retry_on: [...reasons, ...(statuses.length > 0 ? ["retriable-status-codes"] : [])].join(","),
    num_retries: attempts,
    ...perTry,
    ...(backoffMs !== undefined && {
      retry_back_off: { base_interval: toDuration(backoffMs) },
    }),
    ...(statuses.length > 0 && { retriable_status_codes: statuses.map(Number) }),
    ...ELSEWHERE,
  };
}

const STATUS = /^\d{3}$/;

/** A retry prefers an endpoint that was not tried yet: up to 3 picks, then any. */
const ELSEWHERE: JsonObject = {
  retry_host_predicate: [
    {
      name: "envoy.retry_host_predicates.previous_hosts",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
      },
    },
  ],
  host_selection_retry_max_attempts: 3,
};

const NONE: RuleRetry = { attempts: 0, on: [] };

function commonRetries(services: readonly Service[]): RuleRetry {
  const [first = NONE, ...rest] = services.map(({ retries }) => retries ?? NONE);
  const attempts = rest.reduce((least, other) => Math.min(least, other.attempts), first.attempts);
  const on = first.on.filter((reason) => rest.every((other) => other.on.includes(reason)));
  return { attempts, on };
}
