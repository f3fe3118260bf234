import { balanceOf, burnOf } from "../../decide/engine/indicator.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { BurnAlert } from "../../policy/intent/burn-alert.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { printSpan } from "../../policy/span.ts";
import type { ObjectiveView, ServiceView } from "../view/service.ts";
import { type BudgetHistory, budgetLeft } from "./budget-history.ts";
import { costRows } from "./cost.ts";
import { histogramOf, ratesOf } from "./rates.ts";
import { partViews } from "./service-parts.ts";

/** Services with what is known of them, from the counts the engine judges by. */
const MINUTE = 60;
const BURN_WINDOWS = [300, 3600, 21_600] as const;

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
      parts: partViews({ name }, { policySet, evidence, shed }),
    };
  });
}

/** By service; what is not billed, or not known now, is absent. */
function costsOf(policySet: PolicySet, evidence: Evidence) {
  return new Map(
    costRows(policySet, evidence).flatMap(({ name, value, unit }) =>
      value === null ? [] : [[name, { cost: { perRequest: value, currency: unit } }]],
    ),
  );
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
