import type { AlertState } from "./alerts.ts";
import { type Breaker, CLOSED } from "./breaker.ts";
import type { KnobState } from "./budget.ts";
import type { Glass } from "./glass.ts";
import type { PolicyState } from "./policy-state.ts";
import type { RolloutState } from "./rollout-state.ts";

/**
 * All the engine remembers between ticks, as plain values: stored after every tick that changed it, so that a restarted
 * control plane goes on where it was, with the same actions in force.
 */
export interface EngineState {
  /** By name. */
  readonly rollouts: Readonly<Record<string, RolloutState>>;
  readonly policies: Readonly<Record<string, PolicyState>>;
  readonly knobs: Readonly<Record<string, KnobState>>;
  /** By id. */
  readonly overrides: Readonly<Record<string, OverrideState>>;
  /** Nothing is done by itself while it is there. */
  readonly frozen?: {
    readonly by: string;
    readonly reason: string;
    readonly sinceTick: number;
  };
  /** Objectives that burn too fast, by the alert's name. */
  readonly alerts: Readonly<Record<string, AlertState>>;
  /** Of all automation; each Policy has one of its own. */
  readonly breaker: Breaker;
  /** Policies in shadow whose report let a person promote them, by name: they act until their document changes. */
  readonly promoted: Readonly<Record<string, Promotion>>;
  /** Of the last day: when something was done by itself. */
  readonly actedTicks: readonly number[];
}

export interface Promotion {
  /** Of the document as it was. */
  readonly key: string;
  readonly by: string;
  readonly sinceTick: number;
}

export interface OverrideState {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly knob: string;
  readonly value: number | string;
  readonly sinceTick: number;
  /** Of one that waits for people: until when. */
  readonly untilTick: number;
  readonly glass?: Glass;
}

export const EMPTY_STATE: EngineState = {
  rollouts: {},
  policies: {},
  knobs: {},
  overrides: {},
  alerts: {},
  breaker: CLOSED,
  promoted: {},
  actedTicks: [],
};
