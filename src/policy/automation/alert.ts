/**
 * OpenSLO `AlertPolicy`, `AlertCondition` and `AlertNotificationTarget`: three documents that say who is told once an objective burns so
 * fast for so long. Each pair of an SLO and an AlertPolicy it names is one burn alert.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf } from "../fields.ts";
import type { BurnAlert } from "../intent/burn-alert.ts";
import { span } from "../span.ts";

const ref = z.string().min(1).max(63);
const INLINE_CONDITION = "conditions inside an AlertPolicy are";
const INLINE_TARGET = "targets inside an AlertPolicy are";

export const alertPolicySpec = fields(
  {
    description: z.string().exactOptional(),
    alertWhenBreaching: z.literal(true).default(true),
    conditions: z
      .array(
        fields(
          { conditionRef: ref },
          { kind: INLINE_CONDITION, metadata: INLINE_CONDITION, spec: INLINE_CONDITION },
        ),
      )
      .max(1)
      .default([]),
    notificationTargets: z
      .array(
        fields(
          { targetRef: ref },
          { kind: INLINE_TARGET, metadata: INLINE_TARGET, spec: INLINE_TARGET },
        ),
      )
      .max(16)
      .default([]),
  },
  {
    alertWhenNoData: "alerts about missing data are",
    alertWhenResolved: "alerts about what is resolved are",
  },
);

export const alertConditionSpec = fields({
  description: z.string().exactOptional(),
  severity: oneOf(["page", "ticket"]).exactOptional(),
  condition: fields({
    kind: oneOf(["burnrate"]).default("burnrate"),
    op: oneOf(["gt", "gte"], {
      lt: "alerts below a burn rate are",
      lte: "alerts below a burn rate are",
    }).default("gte"),
    threshold: z.number().gt(0).max(1e6),
    lookbackWindow: span(),
    alertAfter: span({ least: 0 }).default(0),
  }).exactOptional(),
});

export const alertTargetSpec = fields({
  description: z.string().exactOptional(),
  target: z.string().min(1).max(253).exactOptional(),
});

export type AlertPolicySpec = z.output<typeof alertPolicySpec>;
export type AlertConditionSpec = z.output<typeof alertConditionSpec>;
export type AlertTargetSpec = z.output<typeof alertTargetSpec>;

export function checkAlertPolicy(draft: Draft<AlertPolicySpec>): void {
  const { conditions, notificationTargets } = draft.spec;
  if (conditions.length === 0)
    draft.lacks("QM0007", ["conditions"], "missing; such as [{conditionRef: NAME}]");
  if (notificationTargets.length === 0) {
    draft.lacks("QM0007", ["notificationTargets"], "missing; such as [{targetRef: NAME}]");
  }
}

export function checkAlertCondition(draft: Draft<AlertConditionSpec>): void {
  const { severity, condition } = draft.spec;
  if (severity === undefined) draft.lacks("QM0007", ["severity"], "missing; page or ticket");
  if (condition === undefined)
    draft.lacks("QM0007", ["condition"], "missing; threshold and lookbackWindow");
}

export function checkAlertTarget(draft: Draft<AlertTargetSpec>): void {
  if (draft.spec.target === undefined) draft.lacks("QM0007", ["target"], "missing; who is told");
}

/** Named `SLO.ALERTPOLICY`. */
export function toBurnAlert(
  slo: string,
  parts: {
    policy: Draft<AlertPolicySpec>;
    condition: Draft<AlertConditionSpec>;
    targets: readonly Draft<AlertTargetSpec>[];
  },
): BurnAlert {
  const { severity, condition } = parts.condition.spec;
  if (severity === undefined || condition === undefined) {
    throw new Error(`invariant: AlertCondition ${parts.condition.name} was not checked`);
  }
  return {
    name: `${slo}.${parts.policy.name}`,
    slo,
    severity,
    burn: condition.threshold,
    lookbackSeconds: condition.lookbackWindow,
    afterSeconds: condition.alertAfter,
    targets: parts.targets.map(({ spec }) => spec.target ?? "").sort(),
  };
}
