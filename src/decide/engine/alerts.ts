import type { Evidence } from "../../evidence/evidence.ts";
import type { Severity } from "../../policy/intent/burn-alert.ts";
import type { Maintenance } from "../../policy/intent/maintenance.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { printSpan } from "../../policy/span.ts";
import { pRateAbove } from "../stats/rate-posterior.ts";
import { type AlertRule, judgeAlert, rulesOf } from "./alert-rules.ts";
import { type Balance, balanceOf } from "./indicator.ts";
import { isOpen } from "./maintenance.ts";
import { idOf, type News } from "./news.ts";

/**
 * Whom to wake: every objective is looked at every 10 s by its AlertPolicies as they are written, or, if it
 * names none, by the standing burn rules behind their gate (`docs/statistics.md`). An alert fires once, is told as a
 * record of kind `page` or `ticket`, and is resolved by another after a minute of calm. Blind changes nothing.
 */
export interface AlertState {
  /** `SLO.ALERTPOLICY`; of the standing rules `SLO.page` and `SLO.ticket`. */
  readonly name: string;
  readonly slo: string;
  /** Of the objective. */
  readonly service: string;
  readonly severity: Severity;
  /** Who is told; empty: the owner of the SLO. */
  readonly targets: readonly string[];
  /** The one that fired, such as `4x for 10m`. */
  readonly rule: string;
  /** Multiples of the allowed rate, over `windowSeconds`. */
  readonly burn: number;
  readonly threshold: number;
  readonly windowSeconds: number;
  /** P(the budget burns faster than it may), by the counts of that window. */
  readonly posterior: number;
  /** It has burned since then. */
  readonly sinceTick: number;
  /** The record that told of it; absent: it waits for its `alertAfter`. */
  readonly decision?: string;
  /** Maintenance that keeps it from being told. */
  readonly suppressedBy?: string;
  /** It burns no more since then. */
  readonly calmTick?: number;
}

export interface AlertTurn {
  /** By name. */
  readonly alerts: Readonly<Record<string, AlertState>>;
  readonly news: readonly News[];
}

interface AlertTick {
  readonly policySet: PolicySet;
  readonly evidence: Evidence;
  readonly tick: number;
}

/** Seconds between two looks at one objective: windows are minutes long, and a thousand objectives share the seconds. */
const LOOK_SECONDS = 10;

/** So long without burning until it is over: a short window that flickers is one alert. */
const CALM_SECONDS = 60;

export function stepAlerts(
  known: Readonly<Record<string, AlertState>>,
  { policySet, evidence, tick }: AlertTick,
): AlertTurn {
  const alerts: Record<string, AlertState> = {};
  const news: News[] = [];
  for (const [at, slo] of policySet.slos.entries()) {
    const isLook = (tick + at) % LOOK_SECONDS === 0;
    const windows = new Windows(slo, evidence);
    for (const rule of rulesOf(slo, policySet.burnAlerts)) {
      const before = known[rule.name];
      const maintenance = suppressor(policySet.maintenances, slo, rule.severity, tick);
      // Whoever is woken needs no ticket about the same budget as well.
      const isPaged = Object.values(alerts).some(
        (each) => each.slo === slo.name && each.decision !== undefined,
      );
      const isIdle = isPaged && before?.decision === undefined;
      const turn =
        isLook && !isIdle
          ? look(before, { slo, rule, windows, tick, suppressedBy: maintenance })
          : { alert: before, news: [] };
      if (turn.alert !== undefined) alerts[rule.name] = turn.alert;
      news.push(...turn.news);
    }
  }
  const gone = Object.values(known).filter(
    ({ name, slo, decision }) => decision !== undefined && !isAsked(policySet, slo, name),
  );
  return {
    alerts,
    news: [...news, ...gone.map((alert) => resolved(alert, "it is not asked for any more"))],
  };
}

function isAsked({ slos, burnAlerts }: PolicySet, name: string, alert: string): boolean {
  const slo = slos.find((each) => each.name === name);
  return slo !== undefined && rulesOf(slo, burnAlerts).some((rule) => rule.name === alert);
}

interface Look {
  readonly slo: Slo;
  readonly rule: AlertRule;
  readonly windows: Windows;
  readonly tick: number;
  readonly suppressedBy: string | undefined;
}

function look(
  before: AlertState | undefined,
  at: Look,
): { readonly alert: AlertState | undefined; readonly news: readonly News[] } {
  const { slo, rule, windows, tick, suppressedBy } = at;
  if (!windows.isKnown) return { alert: before, news: [] };
  const reading = judgeAlert(rule, (seconds) => windows.balance(seconds), slo);
  if (reading === undefined) return calm(before, tick);
  const { decision, sinceTick = tick } = before ?? {};
  const alert: AlertState = {
    name: rule.name,
    slo: slo.name,
    service: slo.service,
    severity: rule.severity,
    targets: rule.targets,
    ...reading,
    posterior: posteriorOf(slo, windows.balance(reading.windowSeconds)),
    sinceTick,
    ...(decision !== undefined && { decision }),
    ...(suppressedBy !== undefined && { suppressedBy }),
  };
  const isDue = tick - sinceTick >= rule.afterSeconds;
  const isTold = decision !== undefined && before?.suppressedBy === suppressedBy;
  if (!isDue || isTold) return { alert, news: [] };
  const told = fired(alert, at, windows.balance(reading.windowSeconds));
  return { alert: { ...alert, decision: idOf(tick, told) }, news: [told] };
}

function calm(before: AlertState | undefined, tick: number) {
  if (before?.decision === undefined) return { alert: undefined, news: [] };
  const { calmTick = tick } = before;
  if (tick - calmTick < CALM_SECONDS) return { alert: { ...before, calmTick }, news: [] };
  const why = `it has burned below its rule for ${tick - calmTick} s`;
  return { alert: undefined, news: [resolved(before, why)] };
}

/** To the minute, above 3 hours to the hour, above 3 days to the day. */
function roughly(seconds: number): string {
  const unit = seconds > 3 * 86_400 ? 86_400 : seconds > 3 * 3_600 ? 3_600 : 60;
  return printSpan(Math.max(1, Math.round(seconds / unit)) * unit);
}

function fired(alert: AlertState, { slo }: Look, { bad, total }: Balance): News {
  const { severity, burn, threshold, windowSeconds, rule, suppressedBy, posterior } = alert;
  const window = printSpan(windowSeconds);
  const lasts = roughly(slo.windowSeconds / burn);
  const because = [
    `${slo.name} burns its error budget ${figure(burn)} times too fast over ${window}: ${bad} of ${total} requests bad, ${figure(100 * (1 - slo.target))} % allowed.`,
    `At that speed a whole budget of ${printSpan(slo.windowSeconds)} is gone in ${lasts}.`,
    ...(suppressedBy === undefined ? [] : [`Nobody is told: Maintenance ${suppressedBy} is open.`]),
  ];
  const least = Math.ceil(threshold * (1 - slo.target) * total);
  return {
    kind: severity,
    subject: { kind: "SLO", name: slo.name },
    body: {
      verdict: suppressedBy === undefined ? `${severity} ${alert.name}` : `suppress ${alert.name}`,
      because,
      seen: [
        {
          what: `burn of ${slo.name}`,
          value: burn,
          threshold: `${rule}: ${figure(threshold)}`,
          windowSeconds,
        },
        { what: "chance that the budget burns faster than it may", value: posterior },
      ],
      flip: `With fewer than ${least} bad of these ${total} requests it would not have fired.`,
      alert,
    },
  };
}

function resolved(alert: AlertState, why: string): News {
  const { severity, slo, name, decision = "" } = alert;
  return {
    kind: severity,
    subject: { kind: "SLO", name: slo },
    body: {
      verdict: `resolve ${name}`,
      because: [`${name} is over: ${why}.`],
      causes: [decision],
      alert,
    },
  };
}

function suppressor(
  maintenances: readonly Maintenance[],
  { service }: Slo,
  severity: Severity,
  tick: number,
): string | undefined {
  return maintenances.find(
    (each) =>
      each.suppress.includes(severity) &&
      (each.scope.service ?? service) === service &&
      isOpen(each, tick),
  )?.name;
}

function posteriorOf({ target }: Slo, { bad, total }: Balance): number {
  return pRateAbove(bad, total, 1 - target, 1 - target);
}

/** Each window of an objective is summed once a look. */
class Windows {
  readonly #known = new Map<number, Balance>();

  constructor(
    private readonly slo: Slo,
    private readonly evidence: Evidence,
  ) {}

  get isKnown(): boolean {
    return balanceOf(this.slo, this.evidence, 60) !== undefined;
  }

  balance(seconds: number): Balance {
    const known = this.#known.get(seconds);
    if (known !== undefined) return known;
    const none: Balance = { bad: 0, total: 0, seconds: 0 };
    const found = balanceOf(this.slo, this.evidence, seconds) ?? none;
    this.#known.set(seconds, found);
    return found;
  }
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
