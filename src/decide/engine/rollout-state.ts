import type { Evidence } from "../../evidence/evidence.ts";
import { digestOf } from "../../policy/digest.ts";
import type { Rollout, RolloutStep } from "../../policy/intent/rollout.ts";
import type { GuardVerdict } from "../record.ts";
import { type CanaryEvidence, newCanaryEvidence } from "../stats/canary.ts";
import type { News } from "./news.ts";
import type { Order } from "./order.ts";

/** Where a rollout stands, and the moves from there: into a step, and back. */
export type RolloutPhase =
  | "progressing"
  | "waiting"
  | "paused"
  | "promoted"
  | "rolled back"
  | "locked";

export interface RolloutState {
  /** Of what was asked for; another document begins anew. */
  readonly key: string;
  readonly phase: RolloutPhase;
  /** Index into `steps`; their number: all are done. */
  readonly step: number;
  readonly stepTick: number;
  readonly startTick: number;
  /** Share of the canary now, 0..100. */
  readonly percent: number;
  readonly evidence: CanaryEvidence;
  /** Why it does not go on; a person reads it. */
  readonly why: string;
  /** Not begun again before; of the same pair of versions. */
  readonly lockedUntilTick?: number;
}

export interface RolloutTick {
  readonly tick: number;
  readonly evidence: Evidence;
  /** Oldest first, of this rollout only. */
  readonly orders: readonly Order[];
  /** No step forward and none back by itself. */
  readonly isFrozen: boolean;
  /** Somebody holds the canary at this share; it is judged all the same, and a canary that is worse goes back. */
  readonly pinned?: { readonly percent: number; readonly by: string };
  /** What the guardrails say to this share of the canary. */
  readonly guard: (percent: number) => readonly GuardVerdict[];
}

export interface RolloutTurn {
  readonly state: RolloutState;
  readonly news: readonly News[];
}

export function keyOf({ service, stable, canary, steps }: Rollout): string {
  return digestOf({ service, stable, canary, steps }).slice(0, 16);
}

export function begin(
  rollout: Rollout,
  key: string,
  tick: number,
  known: RolloutState | undefined,
): RolloutState {
  const lockedUntilTick = known?.lockedUntilTick;
  const [first] = rollout.steps;
  return {
    key,
    phase: "progressing",
    step: 0,
    stepTick: tick,
    startTick: tick,
    percent: first?.kind === "weight" ? first.percent : 0,
    evidence: newCanaryEvidence(rollout.judge),
    why: "",
    ...(lockedUntilTick !== undefined && { lockedUntilTick }),
  };
}

export function enter(
  rollout: Rollout,
  state: RolloutState,
  step: number,
  tick: number,
): RolloutState {
  const next: RolloutStep | undefined = rollout.steps[step];
  if (next === undefined) {
    return { ...state, step, stepTick: tick, phase: "promoted", percent: 100, why: "" };
  }
  if (next.kind === "hold") {
    return { ...state, step, stepTick: tick, phase: "waiting", why: "" };
  }
  const phase = next.percent >= 100 ? "promoted" : "progressing";
  return { ...state, step, stepTick: tick, phase, percent: next.percent, why: "" };
}

export function back({ onWorse }: Rollout, state: RolloutState, tick: number): RolloutState {
  const lockedUntilTick = tick + onWorse.lockSeconds;
  return { ...state, phase: "rolled back", percent: 0, stepTick: tick, why: "", lockedUntilTick };
}

/** Weights of the service while the rollout stands where it is. */
export function weightsOf(
  { stable, canary }: Rollout,
  { percent }: RolloutState,
): Readonly<Record<string, number>> {
  return { [stable]: 100 - percent, [canary]: percent };
}
