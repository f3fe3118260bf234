import type { BurnAlert, Severity } from "../../policy/intent/burn-alert.ts";
import type { Slo } from "../../policy/intent/slo.ts";
import { printSpan } from "../../policy/span.ts";
import { type Balance, burn } from "../stats/burn.ts";
import { standingBurn } from "../stats/burn-gate.ts";

/** What an objective is looked at by: one AlertPolicy, or the standing rules if none is written. */
export interface AlertRule {
  readonly name: string;
  readonly severity: Severity;
  readonly targets: readonly string[];
  readonly afterSeconds: number;
  /** Absent: the standing rules. */
  readonly written?: BurnAlert;
}

/** It burns; by which rule, how fast, over which window. */
export interface Reading {
  readonly rule: string;
  readonly burn: number;
  readonly threshold: number;
  readonly windowSeconds: number;
}

/** Nobody opens a ticket within minutes; what becomes a page by then needs none. */
const TICKET_AFTER_SECONDS = 900;

/** Pages first. */
export function rulesOf({ name }: Slo, burnAlerts: readonly BurnAlert[]): readonly AlertRule[] {
  const written = burnAlerts.filter(({ slo }) => slo === name);
  if (written.length === 0) {
    return [
      { name: `${name}.page`, severity: "page", targets: [], afterSeconds: 0 },
      {
        name: `${name}.ticket`,
        severity: "ticket",
        targets: [],
        afterSeconds: TICKET_AFTER_SECONDS,
      },
    ];
  }
  const rules = written.map((each) => ({
    name: each.name,
    severity: each.severity,
    targets: each.targets,
    afterSeconds: each.afterSeconds,
    written: each,
  }));
  return rules.sort((a, b) => Number(a.severity === "ticket") - Number(b.severity === "ticket"));
}

/** Undefined: it does not burn. What an operator wrote holds as it is; the standing rules have to be worth it. */
export function judgeAlert(
  { severity, written }: AlertRule,
  balanceOf: (seconds: number) => Balance,
  slo: Pick<Slo, "target" | "windowSeconds">,
): Reading | undefined {
  if (written === undefined) {
    const found = standingBurn(severity, balanceOf, slo);
    return (
      found && {
        rule: found.rule,
        burn: found.burn,
        threshold: found.threshold,
        windowSeconds: found.windowSeconds,
      }
    );
  }
  const { burn: threshold, lookbackSeconds } = written;
  const found = burn(balanceOf(lookbackSeconds), slo.target);
  if (found === undefined || found < threshold) return undefined;
  const rule = `${threshold}x in ${printSpan(lookbackSeconds)}`;
  return { rule, burn: found, threshold, windowSeconds: lookbackSeconds };
}
