import type { ActionInForce } from "../act/action.ts";
import type { Verification } from "../verification.ts";
import type { Breaker } from "./breaker.ts";
import type { Tried } from "./cures.ts";
import type { DriftWatch } from "./drift-watch.ts";
import type { Ledger } from "./ledger.ts";
import type { ShadowActs } from "./shadow-report.ts";

/** What the engine remembers of one Policy between ticks: plain values, so that it outlives a restart. */
export interface PolicyState {
  /** Of the document; another one begins anew, and what it did is taken back. */
  readonly key: string;
  /** Index into `then` of what to try next. */
  readonly rank: number;
  /** What `when` was last, and since which tick; undefined: unknown. */
  readonly when: boolean | undefined;
  readonly whenTick: number;
  readonly active?: Active;
  readonly pending?: Pending;
  readonly succeededTicks: readonly number[];
  readonly breaker: Breaker;
  /** What came of its actions, by rank. */
  readonly tried: Readonly<Record<string, Tried>>;
  readonly ledger: Ledger;
  readonly shadow: ShadowActs;
  /** Whether its probabilities come true. */
  readonly watch: DriftWatch;
  /** The last thing told, so that the same is not told every second. */
  readonly said: string;
}

/** An action taken, and how it is going. */
export interface Active {
  readonly action: ActionInForce | undefined;
  /** Index into `then`. */
  readonly rank: number;
  /** The record that told of it. */
  readonly decision: string;
  readonly sinceTick: number;
  /** Index into `stagesOf`, and since when. */
  readonly stage: number;
  readonly stageTick: number;
  /** Of a shift: when it last took a step, and whether back. */
  readonly stepTick?: number;
  readonly isBack?: boolean;
  /** Of the verified signal when the action was taken; undefined: unknown. */
  readonly before: number | undefined;
  /** P(it cures), said when it was taken; absent: nothing was weighed. */
  readonly pCure?: number;
  /** Absent: nothing is verified. */
  readonly verification?: Verification;
}

/** Waits for people. */
export interface Pending {
  readonly decision: string;
  readonly rank: number;
  readonly sinceTick: number;
  readonly approvedBy: readonly string[];
}
