import { tenantOf } from "../../control/arms.ts";
import { balanceOf, burnOf } from "../../decide/engine/indicator.ts";
import type { Arm, Counts, Evidence } from "../../evidence/evidence.ts";
import { SLOW_MS, sampledRatioOf } from "../../evidence/evidence.ts";
import type { BurnAlert } from "../../policy/intent/burn-alert.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { printSpan } from "../../policy/span.ts";
import type { ObjectiveView, ServiceView } from "../view/service.ts";
import { type BudgetHistory, budgetLeft } from "./budget-history.ts";
import { costRows } from "./cost.ts";
import { fairParts, meanInflight } from "./tenants.ts";

/** Services with what is known of them, from the counts the engine judges by. */
const MINUTE = 60;
const BURN_WINDOWS = [300, 3600, 21_600] as const;
const SHOWN = ["version", "locality", "endpoint", "tier", "tenant"] as const;

/** Without `budgets` objectives have no history. */
export function serviceViews(
  policySet: PolicySet,
  evidence: Evidence,
  seen: { readonly budgets?: BudgetHistory; readonly shedRates?: ShedRates } = {},
): ServiceView[] {
  return viewsOf(policySet.services, { policySet, evidence, ...seen });
}

/** Requests a second that were shed, by tenant of a service. */
export type ShedRates = (service: string) => ReadonlyMap<string, number>;

/** One of them, with the times of each part. */
export function serviceViewNamed(
  name: string,
  policySet: PolicySet,
  evidence: Evidence,
  seen: { readonly budgets: BudgetHistory; readonly shedRates: ShedRates },
): ServiceView | undefined {
  const named = policySet.services.filter((each) => each.name === name);
  const [view] = viewsOf(named, { policySet, evidence, ...seen });
  if (view === undefined) return undefined;
  const parts = view.parts.map((each) => {
    const counts = evidence.countsOf({ service: name, [each.part]: each.name }, MINUTE);
    return { ...each, ...(counts.timed > 0 && { histogram: histogramOf(counts) }) };
  });
  return { ...view, parts };
}

interface Known {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  readonly budgets?: BudgetHistory;
  readonly shedRates?: ShedRates;
}

function viewsOf(
  services: PolicySet["services"],
  { policySet, evidence, budgets, shedRates }: Known,
): ServiceView[] {
  const costs = costsOf(policySet, evidence);
  const slosOf = new Map<string, Slo[]>();
  for (const slo of policySet.slos) {
    slosOf.set(slo.service, [...(slosOf.get(slo.service) ?? []), slo]);
  }
  return services.map(({ name, owner, labels }) => {
    const { state, ageSeconds } = evidence.stateOf({ service: name });
    const slos = slosOf.get(name) ?? [];
    const counts = evidence.countsOf({ service: name }, MINUTE);
    const shed = shedRates?.(name) ?? new Map<string, number>();
    return {
      name,
      ...(owner !== undefined && { owner }),
      labels,
      state,
      ageSeconds: Number.isFinite(ageSeconds) ? ageSeconds : 0,
      ...ratesOf(counts),
      ...costs.get(name),
      ...(counts.timed > 0 && { histogram: histogramOf(counts) }),
      objectives: slos.map((slo) => ({
        ...objectiveOf(slo, policySet.burnAlerts, evidence),
        history: budgets?.of(slo, evidence) ?? [],
      })),
      parts: withFairParts(
        SHOWN.flatMap((part) =>
          partsOf(name, part, { evidence, shed }).map((value) =>
            partOf({ service: name, part, value }, { evidence, shed }),
          ),
        ),
        tenantOf({ name }, policySet.sheddings)?.weights ?? {},
      ),
    };
  });
}

type Part = ServiceView["parts"][number];

interface PartSeen {
  readonly evidence: Evidence;
  readonly shed: ReadonlyMap<string, number>;
}

function partOf(
  { service, part, value }: { service: string; part: Part["part"]; value: string },
  { evidence, shed }: PartSeen,
): Part {
  const arm: Arm = { service, [part]: value };
  const counts = evidence.countsOf(arm, MINUTE);
  const { requestRps: counted = 0, p50Ms: _, p99Ms: __, ...rest } = ratesOf(counts);
  const ratio = sampledRatioOf(arm);
  // A second without a sample is one with few requests, not one of which nothing is known.
  const heard = Math.max(1, MINUTE - counts.voidSeconds);
  const requestRps = ratio < 1 ? counts.requests / heard / ratio : counted;
  const inflight = meanInflight(requestRps, counts);
  const shedRps = part === "tenant" ? shed.get(value) : undefined;
  return {
    ...{ part, name: value, requestRps },
    ...rest,
    ...(inflight !== undefined && { inflight }),
    ...(shedRps !== undefined && { shedRps }),
  };
}

function withFairParts(
  parts: readonly Part[],
  weights: Readonly<Record<string, number>>,
): readonly Part[] {
  const tenants = parts.filter(({ part }) => part === "tenant");
  const asking = tenants.map(({ name, requestRps, shedRps = 0 }) => ({
    ...{ askedRps: requestRps + shedRps, weight: weights[name] ?? 1 },
  }));
  const admitted = tenants.reduce((sum, { requestRps }) => sum + requestRps, 0);
  const fair = new Map(
    fairParts(asking, admitted).map((rps, at) => [
      tenants[at]?.name,
      { weight: asking[at]?.weight ?? 1, rps },
    ]),
  );
  return parts.map((each) => {
    const own = each.part === "tenant" ? fair.get(each.name) : undefined;
    return own === undefined ? each : { ...each, fair: own };
  });
}

/** A tenant of whom all is shed has no request that counts. */
function partsOf(
  service: string,
  part: (typeof SHOWN)[number],
  { evidence, shed }: PartSeen,
): readonly string[] {
  const known = evidence.partsOf(service, part);
  return part === "tenant" ? [...new Set([...known, ...shed.keys()])].sort() : known;
}

/** By service; what is not billed, or not known now, is absent. */
function costsOf(policySet: PolicySet, evidence: Evidence) {
  return new Map(
    costRows(policySet, evidence).flatMap(({ name, value, unit }) =>
      value === null ? [] : [[name, { cost: { perRequest: value, currency: unit } }]],
    ),
  );
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

/** Envoy's buckets arrive one after another: a coarser one that is behind for a second is no negative count. */
export function histogramOf({ slow, timed }: Counts): { toMs?: number; requests: number }[] {
  const above = [timed, ...slow].map((_, at, all) => Math.max(0, ...all.slice(at)));
  const buckets = SLOW_MS.map((toMs, at) => ({
    toMs,
    requests: (above[at] ?? 0) - (above[at + 1] ?? 0),
  }));
  return [...buckets, { requests: above.at(-1) ?? 0 }];
}

function objectiveOf(
  slo: Slo,
  alerts: readonly BurnAlert[],
  evidence: Evidence,
): Omit<ObjectiveView, "history"> {
  const { name, target, windowSeconds } = slo;
  const burns = BURN_WINDOWS.filter((seconds) => seconds <= windowSeconds).map((seconds) => ({
    windowSeconds: seconds,
    burn: burnOf(slo, balanceOf(slo, evidence, seconds)),
  }));
  const whole = balanceOf(slo, evidence, windowSeconds);
  const now = burns[0]?.burn;
  const page = alerts.filter((each) => each.slo === name).map((each) => each.burn);
  const left = budgetLeft(slo, whole);
  return {
    name,
    indicator: indicatorText(slo),
    target,
    windowSeconds,
    state: stateOf(now, left, Math.min(4, ...page)),
    ...(now !== undefined && { now: 1 - now * (1 - target) }),
    ...(whole !== undefined && whole.total > 0 && { attained: 1 - whole.bad / whole.total }),
    ...(left !== undefined && { budgetLeft: left }),
    burns: burns.map(({ burn: value, ...rest }) => ({
      ...rest,
      ...(value !== undefined && { burn: value }),
    })),
  };
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

function indicatorText({ indicator, timeslice, tier }: Slo): string {
  const slices =
    timeslice === undefined
      ? ""
      : `, ${Number((timeslice.target * 100).toFixed(3))} % in each ${printSpan(timeslice.seconds)}`;
  const whose = tier === undefined ? "" : ` of tier ${tier}`;
  if (indicator.kind === "errors") return `answered without 5xx${whose}${slices}`;
  if (indicator.kind === "latency") {
    return `answered within ${indicator.thresholdMs} ms${whose}${slices}`;
  }
  return "counted by Prometheus";
}
