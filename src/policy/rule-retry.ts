/**
 * `retry` of an HTTPRoute rule (experimental in the standard), in place of what its Services say: the codes named, and always what
 * ends without an answer (connection refused, reset, a try that takes too long), as the standard asks.
 */
import { z } from "zod";
import { duration } from "./duration.ts";
import { fields } from "./fields.ts";
import type { RuleRetry } from "./intent/route.ts";

export const retrySpec = fields({
  codes: z.array(z.int().min(400).max(599)).max(16).default([]),
  /** After the first. */
  attempts: z.int().min(0).max(10).default(1),
  backoff: duration({ positive: true }).exactOptional(),
});

const WITHOUT_ANSWER = ["connect-failure", "refused-stream", "reset"];

export function toRuleRetry({ codes, attempts, backoff }: z.output<typeof retrySpec>): RuleRetry {
  const on = [...WITHOUT_ANSWER, ...[...new Set(codes)].sort().map(String)];
  return { attempts, on, ...(backoff !== undefined && { backoffMs: backoff }) };
}
