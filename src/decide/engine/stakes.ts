import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicyAction } from "../../policy/automation.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { toRps } from "../../policy/rate.ts";

/** Traffic that is at stake, and what an action takes of it while it holds: both in worth a second. */
export interface Traffic {
  readonly rps: number;
  /** Mean worth of a request. */
  readonly value: number;
}

const WINDOW_SECONDS = 60;

export function trafficOf(
  services: readonly string[],
  { policySet, evidence }: { readonly policySet: PolicySet; readonly evidence: Evidence },
): Traffic {
  let rps = 0;
  let worth = 0;
  for (const service of services) {
    const { requests, seconds } = evidence.countsOf({ service }, WINDOW_SECONDS);
    const rate = seconds === 0 ? 0 : requests / seconds;
    rps += rate;
    worth += rate * worthOf(service, policySet, evidence);
  }
  return { rps, value: rps === 0 ? 1 : worth / rps };
}

/** By the tiers its requests fall into; 1 where nobody has said otherwise. */
function worthOf(service: string, { sheddings }: PolicySet, evidence: Evidence): number {
  const shedding = sheddings.find(
    ({ target }) => target.kind === "service" && target.name === service,
  );
  const tiers = (shedding?.tiers ?? []).map(({ name, value = 1 }) => ({
    value,
    requests: evidence.countsOf({ service, tier: name }, WINDOW_SECONDS).requests,
  }));
  const requests = tiers.reduce((sum, each) => sum + each.requests, 0);
  if (requests === 0) return 1;
  return tiers.reduce((sum, each) => sum + each.requests * each.value, 0) / requests;
}

/** Share of the traffic that an action takes from good requests, where it cannot be told from the rate. */
const HARM: Readonly<Partial<Record<PolicyAction["kind"], number>>> = {
  shed: 0.1,
  circuitBreaker: 0.05,
  shift: 0.02,
  timeout: 0.01,
  outlier: 0.01,
  deny: 0.01,
};

/** Requests a second that an action refuses or fails of those there are now. */
export function harmRps(action: PolicyAction, { rps }: Traffic, { rateLimits }: PolicySet): number {
  if (action.kind === "shed" && action.max === undefined) {
    const shares = Object.values(action.tiers).map((ratio) => 1 - ratio);
    return rps * (shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length));
  }
  if (action.kind !== "rateLimit") return rps * (HARM[action.kind] ?? 0);
  const limit = rateLimits.find(({ name }) => name === action.name);
  const written = limit === undefined ? rps : toRps(limit.rate);
  const factor = action.rate === undefined ? (action.factor ?? 1) : toRps(action.rate) / written;
  // A rate per key says nothing of the sum of all keys: as if each were at its rate.
  if (limit === undefined || limit.per.length > 0) return rps * Math.max(0, 1 - factor);
  return Math.max(0, rps - written * factor);
}
