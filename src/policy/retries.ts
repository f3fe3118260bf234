/**
 * When Envoy tries again, how often, and within which share of the active requests. Conditions are Envoy's own words
 * (`retry_on` and `retry_grpc_on` of the router filter) or a status code. Without `on`, only what no endpoint has begun to answer.
 */
import { z } from "zod";
import { fields, text } from "./fields.ts";
import { didYouMean } from "./nearest.ts";
import { percentage } from "./ratio.ts";
import { show } from "./show.ts";

const CONDITIONS = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "envoy-ratelimited",
  "retriable-4xx",
  "refused-stream",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
];

function conditionFault(word: string): string | undefined {
  if (CONDITIONS.includes(word) || /^[45]\d\d$/.test(word)) return undefined;
  const hint = didYouMean(word, CONDITIONS) || `; known: ${CONDITIONS.join(", ")}, 400 to 599`;
  return `QM0012 ${show(word)} is not a condition to retry on${hint}`;
}

const condition = z.union([text(conditionFault), z.int().min(400).max(599).transform(String)]);

export const retries = fields({
  /** After the first. */
  attempts: z.int().min(0).max(10),
  on: z.array(condition).min(1).max(16).default(["connect-failure", "refused-stream"]),
  budget: percentage().exactOptional(),
});
