import { balanceOf, burnOf } from "../../decide/engine/indicator.ts";
import type { Arm, Counts, Evidence } from "../../evidence/evidence.ts";
import { SLOW_MS, sampledRatioOf } from "../../evidence/evidence.ts";
import type { BurnAlert, Slo } from "../../policy/automation.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { ObjectiveView, ServiceView } from "../view/service.ts";

/** Services with what is known of them, from the counts the engine judges by. */
const MINUTE = 60;
const BURN_WINDOWS = [300, 3600, 21_600] as const;
const SHOWN = ["version", "locality", "tier", "tenant"] as const;

export function serviceViews(policySet: PolicySet, evidence: Evidence): ServiceView[] {
  const slosOf = new Map<string, Slo[]>();
  for (const slo of policySet.slos) {
    slosOf.set(slo.service, [...(slosOf.get(slo.service) ?? []), slo]);
  }
  return policySet.services.map(({ name, owner, labels }) => {
    const { state, ageSeconds } = evidence.stateOf({ service: name });
    const slos = slosOf.get(name) ?? [];
    const counts = evidence.countsOf({ service: name }, MINUTE);
    return {
      name,
      ...(owner !== undefined && { owner }),
      labels,
      state,
      ageSeconds: Number.isFinite(ageSeconds) ? ageSeconds : 0,
      ...ratesOf(counts),
      ...(counts.timed > 0 && { histogram: histogramOf(counts) }),
      objectives: slos.map((slo) => objectiveOf(slo, policySet.burnAlerts, evidence)),
      parts: SHOWN.flatMap((part) =>
        evidence.partsOf(name, part).map((value) => {
          const arm: Arm = { service: name, [part]: value };
          const {
            requestRps = 0,
            p50Ms: _,
            p99Ms: __,
            ...rest
          } = ratesOf(evidence.countsOf(arm, MINUTE));
          return {
            ...{ part, name: value, requestRps: requestRps / sampledRatioOf(arm) },
            ...rest,
          };
        }),
      ),
    };
  });
}

interface Rates {
  readonly requestRps?: number;
  readonly errorRatio?: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
}

function ratesOf(counts: Counts): Rates {
  if (counts.seconds === 0) return {};
  const { requests, errors, seconds, timed } = counts;
  return {
    requestRps: requests / seconds,
    ...(requests > 0 && { errorRatio: errors / requests }),
    ...(timed > 0 && {
      p50Ms: quantileMs(counts, 0.5),
      p95Ms: quantileMs(counts, 0.95),
      p99Ms: quantileMs(counts, 0.99),
    }),
  };
}

/** Upper edge of its bucket. */
function quantileMs({ slow, timed }: Counts, q: number): number {
  const at = slow.findIndex((count) => count <= (1 - q) * timed);
  return SLOW_MS[at < 0 ? SLOW_MS.length - 1 : at] ?? 0;
}

function histogramOf({ slow, timed }: Counts): { toMs?: number; requests: number }[] {
  const above = [timed, ...slow];
  const buckets = SLOW_MS.map((toMs, at) => ({
    toMs,
    requests: (above[at] ?? 0) - (above[at + 1] ?? 0),
  }));
  return [...buckets, { requests: slow.at(-1) ?? 0 }];
}

function objectiveOf(slo: Slo, alerts: readonly BurnAlert[], evidence: Evidence): ObjectiveView {
  const { name, target, windowSeconds } = slo;
  const burns = BURN_WINDOWS.filter((seconds) => seconds <= windowSeconds).map((seconds) => ({
    windowSeconds: seconds,
    burn: burnOf(slo, balanceOf(slo, evidence, seconds)),
  }));
  const whole = balanceOf(slo, evidence, windowSeconds);
  const burn = burnOf(slo, whole);
  const now = burns[0]?.burn;
  const page = alerts.filter((each) => each.slo === name).map((each) => each.burn);
  const budgetLeft = burn === undefined ? undefined : 1 - burn * coverage(slo, whole?.seconds);
  return {
    name,
    indicator: indicatorText(slo),
    target,
    windowSeconds,
    state: stateOf(now, budgetLeft, Math.min(4, ...page)),
    ...(now !== undefined && { now: 1 - now * (1 - target) }),
    ...(whole !== undefined && whole.total > 0 && { attained: 1 - whole.bad / whole.total }),
    ...(budgetLeft !== undefined && { budgetLeft }),
    burns: burns.map(({ burn: value, ...rest }) => ({
      ...rest,
      ...(value !== undefined && { burn: value }),
    })),
    history: [],
  };
}

/** How much of the objective's window has been seen: the budget is that of the whole. */
function coverage({ windowSeconds }: Slo, seconds = 0): number {
  return Math.min(1, seconds / windowSeconds);
}

function stateOf(
  burn: number | undefined,
  budgetLeft: number | undefined,
  page: number,
): ObjectiveView["state"] {
  if (burn === undefined || budgetLeft === undefined) return "unknown";
  if (budgetLeft <= 0) return "spent";
  return burn >= page ? "at risk" : "met";
}

function indicatorText({ indicator }: Slo): string {
  if (indicator.kind === "errors") return "answered without 5xx";
  if (indicator.kind === "latency") return `answered within ${indicator.thresholdMs} ms`;
  return "counted by Prometheus";
}
