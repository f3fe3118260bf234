/**
 * Actions of a Policy: one key each, which says what is done. Those that move a knob lie over the intent while they hold; `notify` only
 * tells, `run` begins a Runbook. `$signal.NAME` stands for a label of the signal that made `when` true.
 */
import { z } from "zod";
import { duration } from "../duration.ts";
import { fields } from "../fields.ts";
import { rate } from "../rate.ts";
import { percentage } from "../ratio.ts";
import { span } from "../span.ts";
import { denySpec } from "./deny.ts";

const name = z.string().min(1).max(253);
/** Envoy counts in 32 bits. */
const count = z.int().min(1).max(4_294_967_295);
const tiers = z.array(name).max(8).default([]);
const share = percentage();

/** Each key of `then` and what it takes. */
const forms = {
  rollback: fields({ rollout: name }),
  weights: fields({ service: name, weights: z.record(z.string(), z.int().min(0).max(1_000_000)) }),
  shift: fields({
    service: name,
    from: name,
    max: share,
    step: share.default(0.25),
    every: span({ least: 5 }).default(30),
  }),
  shed: fields({
    shedding: name,
    max: count.exactOptional(),
    tiers: z.record(z.string(), share).default({}),
  }),
  rateLimit: fields(
    {
      name,
      factor: z.number().min(0).max(10).exactOptional(),
      rate: rate().exactOptional(),
      tiers,
    },
    { principal: "limits of one principal are" },
  ),
  outlier: fields({
    service: name,
    consecutive5xx: count.exactOptional(),
    baseEjection: span().exactOptional(),
    maxEjected: share.exactOptional(),
  }),
  circuitBreaker: fields({
    service: name,
    maxConnections: count.exactOptional(),
    maxPending: count.exactOptional(),
    maxRequests: count.exactOptional(),
  }),
  timeout: fields({ service: name, timeout: duration({ positive: true }) }),
  retries: fields({ service: name, budget: share }),
  deny: denySpec,
  mirror: fields({ service: name, to: name, share }),
  fault: fields({
    service: name,
    abort: fields({ status: z.int().min(400).max(599), share }).exactOptional(),
    delay: fields({ time: duration({ positive: true }), share }).exactOptional(),
  }),
  notify: fields({ page: name.exactOptional(), ticket: name.exactOptional() }),
  run: name,
} as const;

const LATER = {
  flag: "feature flags are",
  route: "sending tiers elsewhere is",
  revokeToken: "revoking tokens is",
  webhook: "webhooks are",
  replicas: "scaling replicas is",
} as const;

type Forms = typeof forms;
type ActionKind = keyof Forms;
export const ACTION_KINDS = Object.keys(forms) as ActionKind[];

export type ActionSpec = { readonly [Kind in ActionKind]?: z.output<Forms[Kind]> };

const optional = Object.fromEntries(
  Object.entries(forms).map(([kind, form]) => [kind, form.exactOptional()]),
);

/** One mapping with one key; that it is one is for `checkAction`. */
export const actionSpec = fields(optional, LATER) as unknown as z.ZodType<ActionSpec>;

export function kindsOf(action: ActionSpec): ActionKind[] {
  return ACTION_KINDS.filter((kind) => action[kind] !== undefined);
}
