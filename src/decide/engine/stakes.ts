import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicyAction } from "../../policy/intent/action.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { toRps } from "../../policy/rate.ts";

/** Traffic that is at stake, and what an action takes of it while it holds: both in worth a second. */
export interface Traffic {
  readonly rps: number;
  /** Mean worth of a request. */
  readonly value: number;
  /** Where requests are told apart. */
  readonly tiers: readonly TierTraffic[];
}

interface TierTraffic {
  readonly name: string;
  readonly rps: number;
  readonly value: number;
}

const WINDOW_SECONDS = 60;

export function trafficOf(
  services: readonly string[],
  { policySet, evidence }: { readonly policySet: PolicySet; readonly evidence: Evidence },
): Traffic {
  let rps = 0;
  let worth = 0;
  const tiers: TierTraffic[] = [];
  for (const service of services) {
    const { requests, seconds } = evidence.countsOf({ service }, WINDOW_SECONDS);
    const rate = seconds === 0 ? 0 : requests / seconds;
    const mine = tiersOf(service, rate, policySet, evidence);
    rps += rate;
    worth += mine.length === 0 ? rate : mine.reduce((sum, each) => sum + each.rps * each.value, 0);
    tiers.push(...mine);
  }
  return { rps, value: rps === 0 ? 1 : worth / rps, tiers };
}

/** The rate of a service by the tiers its requests fall into; none: nobody tells them apart. */
function tiersOf(
  service: string,
  rps: number,
  { sheddings }: PolicySet,
  evidence: Evidence,
): readonly TierTraffic[] {
  const shedding = sheddings.find(
    ({ target }) => target.kind === "service" && target.name === service,
  );
  const tiers = (shedding?.tiers ?? []).map(({ name, value = 1 }) => ({
    ...{ name, value },
    requests: evidence.countsOf({ service, tier: name }, WINDOW_SECONDS).requests,
  }));
  const all = tiers.reduce((sum, each) => sum + each.requests, 0);
  if (all === 0) return [];
  return tiers.map(({ name, value, requests }) => ({ name, value, rps: (rps * requests) / all }));
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

/** Worth a second that an action refuses or fails of what there is now. */
export function harmOf(action: PolicyAction, traffic: Traffic, { rateLimits }: PolicySet): number {
  const { rps, value, tiers } = traffic;
  if (action.kind === "shed" && action.max === undefined) {
    const shares = Object.values(action.tiers).map((ratio) => 1 - ratio);
    const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
    return rps * mean * value;
  }
  if (action.kind !== "rateLimit") return rps * (HARM[action.kind] ?? 0) * value;
  const limit = rateLimits.find(({ name }) => name === action.name);
  const limited = (rate: number): number => {
    const written = limit === undefined ? rate : toRps(limit.rate);
    const factor = action.rate === undefined ? (action.factor ?? 1) : toRps(action.rate) / written;
    // A rate per key says nothing of the sum of all keys: as if each were at its rate.
    if (limit === undefined || limit.per.length > 0) return rate * Math.max(0, 1 - factor);
    return Math.max(0, rate - written * factor);
  };
  const touched = tiers.filter(({ name }) => action.tiers.includes(name));
  if (touched.length === 0) return limited(rps) * value;
  return touched.reduce((sum, each) => sum + limited(each.rps) * each.value, 0);
}
