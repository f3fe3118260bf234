import type { Severity } from "../../policy/intent/burn-alert.ts";

/**
 * Alerts as plain values that survive a restart. A breach is a reason to tell somebody, there for as long as it holds. An alert
 * is one breach over time, told apart by its fingerprint; a group is all that one notification tells of. Times are seconds of
 * Unix time.
 */
export interface Breach {
  /** Equal keys are one alert: `slo/checkout-availability.fast`, `policy/db-backpressure/page/team-events`. */
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly service?: string;
  readonly slo?: string;
  readonly policy?: string;
  /** Who is told; empty: whoever listens. */
  readonly targets: readonly string[];
  readonly value: number;
  readonly threshold: number;
  readonly windowSeconds: number;
  /** P(it is real), in [0,1]. */
  readonly posterior?: number;
  readonly sinceTick: number;
  /** Record that tells of it, and those it follows from. */
  readonly decision?: string;
  readonly causes: readonly string[];
}

export interface Alert extends Breach {
  /** Of the episode: fingerprint and when it began. */
  readonly id: string;
  /** Of the key. */
  readonly fingerprint: string;
  readonly state: "firing" | "suppressed" | "resolved";
  /** What suppresses it. */
  readonly suppressedBy?: string;
  /** The breach is gone since then. */
  readonly calmTick?: number;
  readonly resolvedTick?: number;
  /** A mitigation failed, and people were told. */
  readonly escalatedTick?: number;
  /** When value, threshold and posterior were read. */
  readonly seenTick: number;
  /** What automation did about it, oldest first. */
  readonly tried: readonly string[];
  /** Absent: it was never to be told. */
  readonly group?: string;
  readonly label?: Label;
}

export interface Label {
  readonly actionable: "yes" | "no";
  readonly by: string;
  readonly tick: number;
  readonly reason?: string;
}

export interface AlertGroup {
  readonly id: string;
  /** Everything beyond the budget of notifications. */
  readonly isStorm: boolean;
  readonly services: readonly string[];
  /** Records that caused its alerts. */
  readonly decisions: readonly string[];
  readonly severity: Severity;
  readonly openedTick: number;
  /** Nothing is sent before, unless it is more severe than what was sent. */
  readonly dueTick: number;
  /** Of what was sent last; absent: nothing yet. */
  readonly sent?: {
    readonly tick: number;
    readonly severity: Severity;
    /** How many so far. */
    readonly count: number;
  };
  /** Alerts that were told of. */
  readonly told: readonly string[];
  readonly closedTick?: number;
}

/** One thing automation did, and whether it failed. */
export interface Tried {
  readonly tick: number;
  readonly record: string;
  readonly subject: string;
  readonly service?: string;
  readonly text: string;
  readonly failed: boolean;
}

/** What a Policy saw when it last spoke. */
export interface PolicyFacts {
  readonly decision: string;
  readonly causes: readonly string[];
  readonly value: number;
  readonly threshold: number;
  readonly windowSeconds: number;
}

export interface AlertBook {
  /** By id. */
  readonly alerts: Readonly<Record<string, Alert>>;
  readonly groups: Readonly<Record<string, AlertGroup>>;
  readonly tried: readonly Tried[];
  /** By Policy. */
  readonly facts: Readonly<Record<string, PolicyFacts>>;
  /** When groups were first told of, within the window of the budget. */
  readonly firstTold: readonly number[];
}

export const EMPTY_BOOK: AlertBook = {
  alerts: {},
  groups: {},
  tried: [],
  facts: {},
  firstTold: [],
};

/** What people are told at once. `key` is the same for the same news however often it is sent. */
export interface Notification {
  readonly key: string;
  readonly kind: "firing" | "escalated" | "repeat" | "resolved";
  readonly group: string;
  readonly severity: Severity;
  readonly tick: number;
  readonly title: string;
  /** The first `MOST_TOLD`; pages first. */
  readonly alerts: readonly Alert[];
  /** Beyond those. */
  readonly more: number;
  readonly targets: readonly string[];
}

/** Alerts a notification carries whole. */
export const MOST_TOLD = 10;
