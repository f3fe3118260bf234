/**
 * Actions of a Policy: one key each, which says what is done. Those that move a knob lie over the intent while they hold; `notify` only
 * tells, `run` begins a Runbook. `$signal.NAME` stands for a label of the signal that made `when` true.
 */
import { isIP } from "node:net";
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { duration } from "../duration.ts";
import { fields, text } from "../fields.ts";
import type { PolicyAction, Suspect } from "../intent/action.ts";
import type { Rate } from "../intent/rate.ts";
import { headerName, headerValue } from "../names.ts";
import type { Path } from "../path.ts";
import { rate } from "../rate.ts";
import { percentage } from "../ratio.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";

const name = z.string().min(1).max(253);
/** Envoy counts in 32 bits. */
const count = z.int().min(1).max(4_294_967_295);
const tiers = z.array(name).max(8).default([]);
const share = percentage();
const FROM_SIGNAL = /^\$signal\.[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const principal = text((value) =>
  /^\$/.test(value) && !FROM_SIGNAL.test(value)
    ? `QM0012 ${show(value)} is not of the form $signal.NAME`
    : undefined,
).min(1);
const cidr = text((value) => {
  const [address = "", bits = "", ...rest] = value.split("/");
  const family = isIP(address);
  const isRange = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  if (FROM_SIGNAL.test(value) || (family !== 0 && isRange && rest.length === 0)) return undefined;
  return `QM0020 ${show(value)} is not an address range such as 10.1.2.0/24, nor $signal.NAME`;
});
const claimName = z.string().min(1).max(128);

const suspect = {
  principal: principal.exactOptional(),
  cidr: cidr.exactOptional(),
  header: fields({ name: headerName, value: headerValue }).exactOptional(),
  claim: fields({ name: claimName, value: principal }).exactOptional(),
  /** Short for the claim `jti`. */
  jti: principal.exactOptional(),
} as const;

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
  deny: fields({
    service: name.exactOptional(),
    ...suspect,
    any: z.array(fields(suspect)).min(1).max(8).exactOptional(),
  }),
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

export function checkAction<Spec>(draft: Draft<Spec>, action: ActionSpec, path: Path): void {
  const kinds = kindsOf(action);
  if (kinds.length === 0) {
    draft.lacks("QM0115", path, `is empty; write one of ${ACTION_KINDS.join(", ")}`);
  } else if (kinds.length > 1) {
    draft.wrong(
      "QM0115",
      path,
      `${kinds.join(" and ")} are both there; each is an entry of its own`,
    );
  }
  const [kind] = kinds;
  if (action.shift !== undefined) checkShift(draft, action.shift, [...path, "shift"]);
  const fault = kind === undefined ? undefined : formFault(action);
  if (kind !== undefined && fault !== undefined) draft.lacks("QM0115", [...path, kind], fault);
}

/** Of the requests of a locality this much stays there: they show when it is well again. */
const LEAST_LEFT = 0.05;

function checkShift<Spec>(
  draft: Draft<Spec>,
  { max, step }: NonNullable<ActionSpec["shift"]>,
  path: Path,
): void {
  if (max === 0 || max > 1 - LEAST_LEFT) {
    const message = "is not above 0% and at most 95%: what stays shows when it is well again";
    draft.wrong("QM0005", [...path, "max"], message);
  }
  if (step === 0) draft.wrong("QM0005", [...path, "step"], "is 0%, so nothing would move");
}

/** What fields of one form contradict each other. */
function formFault({ rateLimit, deny, notify, shed, outlier, circuitBreaker, fault }: ActionSpec) {
  if (rateLimit?.factor !== undefined && rateLimit.rate !== undefined) {
    return "factor and rate are both there; keep one";
  }
  if (deny !== undefined) return denyFault(deny);
  if (notify !== undefined && (notify.page === undefined) === (notify.ticket === undefined)) {
    return "tells nobody, or two; write page or ticket";
  }
  if (shed !== undefined && shed.max === undefined && Object.keys(shed.tiers).length === 0) {
    return "moves nothing; write max or tiers";
  }
  for (const knobs of [outlier, circuitBreaker]) {
    if (knobs !== undefined && Object.keys(knobs).length === 1) {
      return `moves nothing; write one of its fields beside service`;
    }
  }
  if (fault !== undefined && fault.abort === undefined && fault.delay === undefined) {
    return "injects nothing; write abort or delay";
  }
  return undefined;
}

type DenySpec = NonNullable<ActionSpec["deny"]>;
type SuspectSpec = NonNullable<DenySpec["any"]>[number];

function denyFault({ any, service: _, ...one }: DenySpec): string | undefined {
  const written = Object.values(one).some((part) => part !== undefined);
  if (any !== undefined && written) return "any and the fields of one are both there; keep one";
  return (any ?? [one]).map(suspectFault).find((fault) => fault !== undefined);
}

function suspectFault({ principal, cidr, header, claim, jti }: SuspectSpec): string | undefined {
  if (claim !== undefined && jti !== undefined) return "claim and jti are both there; keep one";
  const named = [principal, cidr, header, claim, jti].some((part) => part !== undefined);
  return named ? undefined : "denies everybody; write principal, cidr, header, claim or jti";
}

/** Those whom a denial names, one by one. */
export function suspectSpecs({ any, service: _, ...one }: DenySpec): readonly SuspectSpec[] {
  return any ?? [one];
}

/** `minimumOf`: the lowest rate of a RateLimit, which an action without factor and rate sets. */
export function toAction(
  action: ActionSpec,
  minimumOf: (rateLimit: string) => Rate | undefined,
): PolicyAction {
  const { rollback, weights, shift, shed, rateLimit, timeout, retries, deny, mirror, fault } =
    action;
  if (rollback !== undefined) return { kind: "rollback", ...rollback };
  if (weights !== undefined) return { kind: "weights", ...weights };
  if (shift !== undefined) {
    const { service, from, max, step, every } = shift;
    return { kind: "shift", service, from, maxRatio: max, stepRatio: step, everySeconds: every };
  }
  if (shed !== undefined) return { kind: "shed", ...shed };
  if (rateLimit !== undefined) return toRateLimitAction(rateLimit, minimumOf);
  if (timeout !== undefined) {
    return { kind: "timeout", service: timeout.service, timeoutMs: timeout.timeout };
  }
  if (retries !== undefined) {
    return { kind: "retries", service: retries.service, budgetRatio: retries.budget };
  }
  if (deny !== undefined) return toDeny(deny);
  if (mirror !== undefined) {
    return { kind: "mirror", service: mirror.service, to: mirror.to, ratio: mirror.share };
  }
  if (fault !== undefined) return toFault(fault);
  return toEnvoyKnobs(action);
}

function toRateLimitAction(
  { name, tiers, factor, rate }: NonNullable<ActionSpec["rateLimit"]>,
  minimumOf: (rateLimit: string) => Rate | undefined,
): PolicyAction {
  if (factor !== undefined) return { kind: "rateLimit", name, factor, tiers };
  const least = rate ?? minimumOf(name);
  if (least === undefined) throw new Error(`invariant: RateLimit ${name} has no lowest rate`);
  return { kind: "rateLimit", name, rate: least, tiers };
}

function toDeny({ service, any, ...one }: DenySpec): PolicyAction {
  return {
    kind: "deny",
    ...(service !== undefined && { service }),
    ...(any === undefined ? toSuspect(one) : { any: any.map(toSuspect) }),
  };
}

function toSuspect({ jti, ...named }: SuspectSpec): Suspect {
  return { ...named, ...(jti !== undefined && { claim: { name: "jti", value: jti } }) };
}

function toFault({ service, abort, delay }: NonNullable<ActionSpec["fault"]>): PolicyAction {
  return {
    kind: "fault",
    service,
    ...(abort !== undefined && { abort: { status: abort.status, ratio: abort.share } }),
    ...(delay !== undefined && { delay: { ms: delay.time, ratio: delay.share } }),
  };
}

function toEnvoyKnobs({ outlier, circuitBreaker, notify, run }: ActionSpec): PolicyAction {
  if (run !== undefined) return { kind: "run", runbook: run };
  if (circuitBreaker !== undefined) return { kind: "circuitBreaker", ...circuitBreaker };
  if (outlier !== undefined) {
    const { service, consecutive5xx, baseEjection, maxEjected } = outlier;
    return {
      kind: "outlier",
      service,
      ...(consecutive5xx !== undefined && { consecutive5xx }),
      ...(baseEjection !== undefined && { baseEjectionSeconds: baseEjection }),
      ...(maxEjected !== undefined && { maxEjectedRatio: maxEjected }),
    };
  }
  if (notify === undefined) throw new Error("invariant: an action without a key");
  const severity = notify.page === undefined ? "ticket" : "page";
  return { kind: "notify", severity, to: notify.page ?? notify.ticket ?? "" };
}
