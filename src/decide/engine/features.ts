import type { Counts, Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { absoluteCheck } from "../stats/absolute-check.ts";
import { verdict } from "../stats/canary.ts";
import type { Features } from "../stats/hypotheses.ts";
import type { EngineState } from "./state.ts";

/** What the evidence of a service says of what may be behind its trouble; what cannot be seen is left out. */
export interface FeatureGround {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  readonly before: EngineState;
}

const WINDOW_SECONDS = 60;
const LONG_SECONDS = 3600;

/** Fewer errors than this have no place to be in. */
const LEAST_ERRORS = 5;

/** A caller this many times above its own hour is on the march. */
const SURGE = 5;

/** Of an objective that is nowhere written, to tell one bad version from two. */
const ALLOWED = 0.01;

export function featuresOf(service: string, ground: FeatureGround): Features {
  const { evidence } = ground;
  return {
    ...canaryFeatures(service, ground),
    ...localityFeature(service, evidence),
    ...callerFeature(service, evidence),
    telemetryOff: telemetryOff(service, evidence),
  };
}

/** Whether a canary or a second locality is there at all that could be at fault. */
export function suspectsOf(
  service: string,
  { policySet, before, evidence }: FeatureGround,
): { readonly canary: boolean; readonly locality: boolean } {
  const canary = policySet.rollouts.some((each) => {
    const share = each.service === service ? before.rollouts[each.name]?.percent : undefined;
    return share !== undefined && share > 0;
  });
  return {
    canary: canary || evidence.partsOf(service, "version").length > 1,
    locality: evidence.partsOf(service, "locality").length > 1,
  };
}

/** Evidence against the canary, of that needed; and whether both versions are bad alike. */
function canaryFeatures(service: string, { policySet, before }: FeatureGround): Features {
  const rollout = policySet.rollouts.find((each) => each.service === service);
  const state = rollout && before.rollouts[rollout.name];
  if (state === undefined) return {};
  const { signals, counts } = verdict(state.evidence);
  const parts = signals.map(({ eWorse, limit }) => Math.log(Math.max(1, eWorse)) / Math.log(limit));
  const both = absoluteCheck(counts, { allowed: ALLOWED, burn: 1, confidence: 0.95 });
  return {
    canaryWorse: Math.min(1, Math.max(0, ...parts)),
    allAlike: both === "both" ? 1 : 0,
  };
}

function localityFeature(service: string, evidence: Evidence): Features {
  const counts = countsBy(service, "locality", evidence);
  const all = sum(counts);
  if (counts.length < 2 || all.errors < LEAST_ERRORS) return {};
  const beyond = counts.map(({ requests, errors }) => {
    const share = requests / Math.max(1, all.requests);
    return share >= 1 ? 0 : (errors / all.errors - share) / (1 - share);
  });
  return { oneLocality: Math.max(0, ...beyond) };
}

function callerFeature(service: string, evidence: Evidence): Features {
  const tenants = evidence.partsOf(service, "tenant");
  if (tenants.length < 2) return {};
  const counts = tenants.map((tenant) => ({
    now: evidence.countsOf({ service, tenant }, WINDOW_SECONDS),
    hour: evidence.countsOf({ service, tenant }, LONG_SECONDS),
  }));
  const all = sum(counts.map(({ now }) => now)).requests;
  const marching = counts.filter(({ now, hour }) => rateOf(now) > SURGE * rateOf(hour));
  const theirs = sum(marching.map(({ now }) => now)).requests;
  return all === 0 ? {} : { oneCaller: theirs / all };
}

/** Late, at odds with another source, or full of seconds that say nothing. */
function telemetryOff(service: string, evidence: Evidence): number {
  if (evidence.disagreements.some(({ arm }) => arm.service === service)) return 1;
  if (evidence.stateOf({ service }).state === "late") return 0.5;
  const { seconds, voidSeconds } = evidence.countsOf({ service }, WINDOW_SECONDS);
  return voidSeconds === 0 ? 0 : voidSeconds / (seconds + voidSeconds);
}

function countsBy(service: string, part: "locality", evidence: Evidence): readonly Counts[] {
  return evidence
    .partsOf(service, part)
    .map((name) => evidence.countsOf({ service, [part]: name }, WINDOW_SECONDS));
}

function sum(counts: readonly Counts[]): { requests: number; errors: number } {
  return {
    requests: counts.reduce((total, each) => total + each.requests, 0),
    errors: counts.reduce((total, each) => total + each.errors, 0),
  };
}

function rateOf({ requests, seconds }: Counts): number {
  return seconds === 0 ? 0 : requests / seconds;
}
