/** OpenSLO `SLO`, the part that is carried out: one objective, a rolling window, an indicator of its own. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf } from "../fields.ts";
import type { Slo } from "../intent/slo.ts";
import { printSpan, span } from "../span.ts";
import { checkIndicator, indicatorSpec, tierIn, toIndicator } from "./indicator.ts";

const objectiveSpec = fields(
  {
    displayName: z.string().exactOptional(),
    target: z.number().gt(0).lt(1).exactOptional(),
    targetPercent: z.number().gt(0).lt(100).exactOptional(),
    timeSliceTarget: z.number().gt(0).max(1).exactOptional(),
    timeSliceWindow: span({ most: 3600 }).exactOptional(),
  },
  {
    op: "thresholds of objectives are",
    value: "thresholds of objectives are",
    indicator: "indicators of single objectives are",
    indicatorRef: "indicators of single objectives are",
    compositeWeight: "composite objectives are",
  },
);

export const sloSpec = fields(
  {
    description: z.string().exactOptional(),
    service: z.string().min(1).max(63).exactOptional(),
    budgetingMethod: oneOf(["Occurrences", "Timeslices"], {
      RatioTimeslices: "the budgeting method RatioTimeslices is",
    }).exactOptional(),
    timeWindow: z
      .array(
        fields(
          { duration: span(), isRolling: z.literal(true) },
          { calendar: "calendar windows are" },
        ),
      )
      .max(1)
      .default([]),
    objectives: z.array(objectiveSpec).max(1).default([]),
    indicator: indicatorSpec.exactOptional(),
    alertPolicies: z
      .array(z.union([z.string().min(1), fields({ alertPolicyRef: z.string().min(1) }, INLINE())]))
      .max(16)
      .default([]),
  },
  { indicatorRef: "indicators in documents of their own are" },
);

function INLINE() {
  const subject = "alert policies inside an SLO are";
  return { kind: subject, metadata: subject, spec: subject };
}

export type SloSpec = z.output<typeof sloSpec>;

export function checkSlo(draft: Draft<SloSpec>): void {
  const { service, budgetingMethod, timeWindow, objectives, indicator } = draft.spec;
  if (service === undefined) draft.lacks("QM0007", ["service"], "missing; the Service it is about");
  if (budgetingMethod === undefined) {
    draft.lacks("QM0007", ["budgetingMethod"], "missing; Occurrences or Timeslices");
  }
  if (timeWindow.length === 0)
    draft.lacks("QM0007", ["timeWindow"], "missing; such as [{duration: 30d, isRolling: true}]");
  if (objectives.length === 0)
    draft.lacks("QM0007", ["objectives"], "missing; such as [{target: 0.999}]");
  if (indicator === undefined)
    draft.lacks("QM0007", ["indicator"], "missing; what makes a request good");
  for (const [index, objective] of objectives.entries()) checkObjective(draft, objective, index);
  if (indicator !== undefined) checkIndicator(draft, indicator);
}

function checkObjective(
  draft: Draft<SloSpec>,
  { target, targetPercent, timeSliceTarget, timeSliceWindow }: SloSpec["objectives"][number],
  index: number,
): void {
  const path = ["objectives", index];
  if ((target === undefined) === (targetPercent === undefined)) {
    draft.lacks("QM0115", path, "is not one of target and targetPercent");
  }
  const slices = [timeSliceTarget, timeSliceWindow].filter((part) => part !== undefined).length;
  if (draft.spec.budgetingMethod === "Timeslices" && slices < 2) {
    draft.lacks(
      "QM0007",
      [...path, "timeSliceWindow"],
      "missing; Timeslices need timeSliceTarget and timeSliceWindow",
    );
  }
  if (timeSliceWindow !== undefined && timeSliceWindow > 60 && timeSliceWindow % 60 !== 0) {
    const message = `${printSpan(timeSliceWindow)} is above 1m and no whole number of minutes`;
    draft.wrong("QM0014", [...path, "timeSliceWindow"], message);
  }
  if (draft.spec.budgetingMethod === "Occurrences" && slices > 0) {
    draft.wrong("QM0115", path, "slices of time belong to the budgeting method Timeslices");
  }
}

/** Whose requests it is about alone; undefined: it is about all of its Service. */
export function tierOf({ indicator }: SloSpec): string | undefined {
  return indicator && tierIn(indicator.spec.ratioMetric.good);
}

/** Names of the AlertPolicies it is told by. */
export function alertPoliciesOf({ alertPolicies }: SloSpec): string[] {
  return alertPolicies.map((each) => (typeof each === "string" ? each : each.alertPolicyRef));
}

/** Share that must be good. */
export function targetOf({ objectives: [objective] }: SloSpec): number | undefined {
  const { target, targetPercent } = objective ?? {};
  if (targetPercent === undefined) return target;
  // 99.9 / 100 is not 0.999 to the last bit.
  return target ?? Number((targetPercent / 100).toPrecision(15));
}

/** `onlyAdapter`: the Adapter of type prometheus, where there is just one. */
export function toSlo(draft: Draft<SloSpec>, owner: string | undefined, onlyAdapter: string): Slo {
  const { service, timeWindow, objectives, indicator, budgetingMethod } = draft.spec;
  const [window] = timeWindow;
  const target = targetOf(draft.spec);
  if (service === undefined || window === undefined || target === undefined || !indicator) {
    throw new Error(`invariant: SLO ${draft.name} was not checked`);
  }
  const { timeSliceTarget, timeSliceWindow } = objectives[0] ?? {};
  const tier = tierOf(draft.spec);
  const isSliced = budgetingMethod === "Timeslices" && timeSliceTarget !== undefined;
  return {
    name: draft.name,
    ...(owner !== undefined && { owner }),
    service,
    ...(tier !== undefined && { tier }),
    target,
    windowSeconds: window.duration,
    ...(isSliced && { timeslice: { seconds: timeSliceWindow ?? 60, target: timeSliceTarget } }),
    indicator: toIndicator(indicator, onlyAdapter),
  };
}
