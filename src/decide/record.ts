import type { PolicyAction } from "../policy/intent/action.ts";
import type { ActionInForce } from "./act/action.ts";
import type { AlertState } from "./engine/alerts.ts";

/**
 * One line of the history of automation: what was decided, on what evidence, what else was weighed, and what came of
 * it. Plain values that survive JSON unchanged; the audit log chains them. Only what changes something, or says anew why
 * nothing may be changed, becomes a record: an hour of "still holding" is one.
 */
export interface DecisionRecord {
  /** Of its input alone: a replay gives the same. */
  readonly id: string;
  /** Second of Unix time the evidence ends before. */
  readonly tick: number;
  readonly kind: RecordKind;
  readonly subject: Subject;
  /** `engine`, or who gave the order. */
  readonly actor: string;
  readonly policySetDigest: string;
  readonly body: RecordBody;
}

/** `page` and `ticket`: an objective burns too fast, or does no more. */
export const RECORD_KINDS = [
  "decision",
  "action",
  "outcome",
  "approval",
  "override",
  "freeze",
  "page",
  "ticket",
] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

export interface Subject {
  readonly kind: "Policy" | "Rollout" | "Override" | "SLO" | "Engine";
  readonly name: string;
}

export interface RecordBody {
  /** `roll back`, `advance`, `hold`, `act`, `revert` ... */
  readonly verdict: string;
  /** Whole sentences, the first the most important. */
  readonly because: readonly string[];
  readonly seen?: readonly Seen[];
  /** Most likely first; those below 1 % are left out. */
  readonly believed?: readonly Believed[];
  readonly weighed?: readonly Weighed[];
  readonly guards?: readonly GuardVerdict[];
  /** The smallest change that would have made it another decision. */
  readonly flip?: string;
  readonly action?: ActionInForce;
  /** What holds again once the action is taken back: stored before the action is applied. */
  readonly wayBack?: string;
  /** Of a `page` or `ticket`: as it stands with this record. */
  readonly alert?: AlertState;
  /** Runbooks it begins. */
  readonly runs?: readonly string[];
  readonly mode?: "enforce" | "shadow" | "canary";
  /** Sampled requests that failed in the minute before, as trace ids or, where there are none, request ids. */
  readonly traces?: readonly string[];
  /** Records this one follows from. */
  readonly causes: readonly string[];
}

/** A value the decision rests on. */
export interface Seen {
  readonly what: string;
  readonly value: number | string | boolean | undefined;
  readonly threshold?: string;
  readonly windowSeconds?: number;
}

/** One action of the list beside doing nothing, in the worth of a request (`value` of a tier, else 1). */
export interface Weighed {
  readonly action: PolicyAction["kind"] | "nothing";
  readonly text: string;
  /** Expected gain over doing nothing until the verification is due; absent: not weighed. */
  readonly gain?: number;
  /** P(it loses less than doing nothing, its own harm included). */
  readonly pBenefit?: number;
  /** `runner-up`: the most gain among those not chosen. Absent: one of the others. */
  readonly place?: "chosen" | "runner-up" | "nothing";
  readonly why: string;
}

/** What may be behind the evidence. */
export interface Believed {
  readonly what: string;
  readonly chance: number;
}

export interface GuardVerdict {
  readonly name: string;
  readonly passed: boolean;
  readonly text: string;
}
