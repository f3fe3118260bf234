/** `Rollout`: how a new version of a Service takes over from the old one, step by step, and what ends it. */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf } from "../fields.ts";
import type { Judge } from "../intent/judge.ts";
import type { Rollout, RolloutStep } from "../intent/rollout.ts";
import { headerName } from "../names.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";

const MOST_STEPS = 64;
const name = z.string().min(1).max(253);

const stepSpec = fields({
  weight: z.number().gt(0).max(100).exactOptional(),
  for: span().exactOptional(),
  hold: name.exactOptional(),
});

const quantile = oneOf(["p50", "p75", "p90", "p95", "p99"]);
const signalSpec = z.union([oneOf(["errors"]), fields({ slow: z.array(quantile).min(1).max(5) })]);

const DEFAULT_SIGNALS = ["errors", { slow: ["p90", "p95", "p99"] }] satisfies z.output<
  typeof signalSpec
>[];

const worseSpec = fields({
  alpha: z.number().gt(0).lt(0.5).default(0.01),
  relativeRisk: z.number().min(1).max(100).default(1.1),
  absolute: z.number().min(0).max(1).default(0.0005),
  signals: z.array(signalSpec).min(1).max(2).default(DEFAULT_SIGNALS),
  /** Always corrected for; the word is taken so that it may be said. */
  overdispersion: oneOf(["auto"]).default("auto"),
});

const safeSpec = fields({
  beta: z.number().gt(0).lt(0.5).default(0.05),
  relativeRisk: z.number().gt(1).max(100).default(1.25),
  minRequests: z.int().min(1).max(1e9).default(2000),
  minErrorsOrTime: fields({
    errors: z.int().min(0).max(1e6).default(5),
    time: span().default(600),
  }).prefault({}),
});

const judgeSpec = fields({
  worse: worseSpec.prefault({}),
  safe: safeSpec.prefault({}),
  sampleRatio: fields({ alpha: z.number().gt(0).lt(0.5).default(0.001) }).prefault({}),
  /** No traffic is never good nor bad. */
  noTraffic: oneOf(["hold"]).default("hold"),
});

export const rolloutSpec = fields({
  service: name.exactOptional(),
  versions: fields({ stable: name, canary: name }).exactOptional(),
  stickiness: fields({
    by: fields({ header: headerName }, { cookie: "stickiness by cookie is" }),
  }).exactOptional(),
  steps: z.array(stepSpec).max(MOST_STEPS).default([]),
  judge: judgeSpec.prefault({}),
  onWorse: fields({
    action: oneOf(["rollback", "hold"]).default("rollback"),
    drain: span({ least: 0, most: 3600 }).default(30),
    lock: span({ least: 0 }).default(3600),
  }).prefault({}),
  deadline: fields({
    after: span(),
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: oneOf(["hold", "rollback"]).default("hold"),
  }).exactOptional(),
});

export type RolloutSpec = z.output<typeof rolloutSpec>;

export function checkRollout(draft: Draft<RolloutSpec>): void {
  const { service, versions, steps } = draft.spec;
  if (service === undefined) draft.lacks("QM0007", ["service"], "missing; the Service rolled out");
  if (versions === undefined) {
    draft.lacks("QM0007", ["versions"], "missing; such as {stable: v1, canary: v2}");
  } else if (versions.stable === versions.canary) {
    draft.wrong(
      "QM0129",
      ["versions", "canary"],
      `${show(versions.canary)} is the stable version too`,
    );
  }
  if (steps.length === 0)
    draft.lacks("QM0007", ["steps"], "missing; such as [{weight: 5, for: 5m}, {weight: 100}]");
  checkSteps(draft);
  checkMargins(draft);
}

function checkSteps(draft: Draft<RolloutSpec>): void {
  let before = 0;
  for (const [index, { weight, hold, ...step }] of draft.spec.steps.entries()) {
    const path = ["steps", index];
    if ((weight === undefined) === (hold === undefined)) {
      draft.lacks("QM0115", path, "is not one of {weight: 5, for: 5m} and {hold: ROLE}");
    } else if (hold !== undefined && step.for !== undefined) {
      draft.wrong("QM0115", [...path, "for"], "a hold ends when it is promoted, not after a time");
    }
    if (weight !== undefined && weight <= before) {
      draft.wrong(
        "QM0129",
        [...path, "weight"],
        `${weight} is not above ${before} of the step before`,
      );
    }
    before = weight ?? before;
  }
}

function checkMargins(draft: Draft<RolloutSpec>): void {
  const { worse, safe } = draft.spec.judge;
  if (safe.relativeRisk > worse.relativeRisk) return;
  const message = `${safe.relativeRisk} is not above relativeRisk of worse, ${worse.relativeRisk}: a canary could be both`;
  draft.wrong("QM0129", ["judge", "safe", "relativeRisk"], message);
}

export function toRollout(draft: Draft<RolloutSpec>, owner: string): Rollout {
  const { service, versions, stickiness, steps, judge, onWorse, deadline } = draft.spec;
  if (service === undefined || versions === undefined) {
    throw new Error(`invariant: Rollout ${draft.name} was not checked`);
  }
  return {
    name: draft.name,
    owner,
    service,
    ...versions,
    ...(stickiness !== undefined && { stickyHeader: stickiness.by.header }),
    steps: steps.map(toStep),
    judge: toJudge(judge),
    onWorse: {
      action: onWorse.action,
      drainSeconds: onWorse.drain,
      lockSeconds: onWorse.lock,
    },
    ...(deadline !== undefined && {
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      deadline: { afterSeconds: deadline.after, then: deadline.then },
    }),
  };
}

function toStep({ weight, hold, ...step }: RolloutSpec["steps"][number]): RolloutStep {
  if (hold !== undefined) return { kind: "hold", role: hold };
  return { kind: "weight", percent: weight ?? 0, forSeconds: step.for ?? 0 };
}

function toJudge({ worse, safe, sampleRatio }: RolloutSpec["judge"]): Judge {
  const slow = worse.signals.flatMap((signal) => (typeof signal === "string" ? [] : signal.slow));
  const quantiles = [...new Set(slow)].map((word) => Number(word.slice(1)) / 100);
  return {
    worse: {
      alpha: worse.alpha,
      relativeRisk: worse.relativeRisk,
      absolute: worse.absolute,
      errors: worse.signals.includes("errors"),
      slowQuantiles: quantiles.sort((a, b) => a - b),
    },
    safe: {
      beta: safe.beta,
      relativeRisk: safe.relativeRisk,
      minRequests: safe.minRequests,
      minErrors: safe.minErrorsOrTime.errors,
      orSeconds: safe.minErrorsOrTime.time,
    },
    sampleRatioAlpha: sampleRatio.alpha,
  };
}
