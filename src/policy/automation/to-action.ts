import type { PolicyAction } from "../intent/action.ts";
import type { Rate } from "../intent/rate.ts";
import type { ActionSpec } from "./action.ts";
import { toDeny } from "./deny.ts";

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
