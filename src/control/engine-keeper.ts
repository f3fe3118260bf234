import { isDeepStrictEqual } from "node:util";
import type { ActionInForce } from "../decide/act/action.ts";
import { actionsInForce } from "../decide/engine/in-force.ts";
import type { Order } from "../decide/engine/order.ts";
import { EMPTY_STATE, type EngineState } from "../decide/engine/state.ts";
import { step } from "../decide/engine/step.ts";
import type { TickInput } from "../decide/engine/tick-input.ts";
import type { DecisionRecord } from "../decide/record.ts";
import type { EngineMesh } from "../decide/replay/engine-replay.ts";
import { listening } from "../decide/replay/node-lists.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/** Where the engine's past is kept. */
export interface EngineJournal {
  /** Undefined: there is none. */
  load(): Promise<EngineState | undefined>;
  /** Durable once resolved; if it rejects, nothing of it may be acted on. */
  write(records: readonly DecisionRecord[], state: EngineState): Promise<void>;
}

/** Told of each turn as it is judged, before anything is stored: what a replay needs. */
export interface EngineTracer {
  turn(
    turn: Pick<TickInput, "policySet" | "tick" | "orders"> & {
      readonly mesh: EngineMesh;
      readonly records: readonly DecisionRecord[];
      readonly before: EngineState;
      readonly after: EngineState;
    },
  ): void;
  /** It could not be stored, so it was as if it had not been. */
  undone(tick: number): void;
}

/**
 * The engine's life: a turn each second, what it decides stored before anything acts on it, orders of people kept until
 * they were followed. Where it cannot be stored, nothing is decided: what is in force stays, and says why it is stuck.
 */
export class EngineKeeper {
  #state: EngineState = EMPTY_STATE;
  #actions: readonly ActionInForce[] = [];
  #orders: Waiting[] = [];
  #stuck: string | undefined;
  #isTurning = false;
  #lastTick = 0;

  constructor(
    private readonly journal: EngineJournal,
    private readonly onRecords: (records: readonly DecisionRecord[]) => void,
    private readonly tracer?: EngineTracer,
  ) {}

  get state(): EngineState {
    return this.#state;
  }

  /** In force after the last turn. */
  get actions(): readonly ActionInForce[] {
    return this.#actions;
  }

  /** Why nothing is decided now; undefined: all is well. */
  get stuck(): string | undefined {
    return this.#stuck;
  }

  async load(): Promise<void> {
    this.#state = (await this.journal.load()) ?? EMPTY_STATE;
  }

  /** What was in force when the process before ended, under this intent: nothing jumps back over a restart. */
  resume(policySet: PolicySet, tick: number): readonly ActionInForce[] {
    this.#actions = actionsInForce(this.#state, policySet, tick);
    return this.#actions;
  }

  /** A record of something that is no turn: what came of a push. */
  async tell(record: DecisionRecord): Promise<void> {
    await this.journal.write([record], this.#state);
    this.onRecords([record]);
  }

  /** Resolves to what came of it, once the next turn has followed it. */
  order(order: Order): Promise<readonly DecisionRecord[]> {
    return new Promise((resolve) => this.#orders.push({ order, resolve }));
  }

  /** `tick`: second of Unix time; one that was already judged, or that comes while a turn is stored, does nothing. */
  async turn(
    policySet: PolicySet,
    evidence: Evidence,
    tick: number,
    mesh: Pick<TickInput, "refusedRatio" | "nodesOf"> = {},
  ): Promise<readonly DecisionRecord[]> {
    if (this.#isTurning || tick <= this.#lastTick) return [];
    this.#isTurning = true;
    try {
      return await this.#turn({ ...mesh, policySet, evidence, tick });
    } finally {
      this.#isTurning = false;
    }
  }

  async #turn(input: Omit<TickInput, "orders">): Promise<readonly DecisionRecord[]> {
    const waiting = [...this.#orders];
    const orders = waiting.map(({ order }) => order);
    const { policySet, tick, refusedRatio } = input;
    const { nodesOf, heard } = listening(input.nodesOf ?? (() => []));
    const turn = step(this.#state, { ...input, nodesOf, orders });
    const mesh = {
      ...(refusedRatio !== undefined && { refusedRatio }),
      ...(Object.keys(heard).length > 0 && { nodes: heard }),
    };
    this.tracer?.turn({
      ...{ policySet, tick, orders, mesh, records: turn.records },
      ...{ before: this.#state, after: turn.state },
    });
    const isChanged = turn.records.length > 0 || !isDeepStrictEqual(turn.state, this.#state);
    try {
      if (isChanged) await this.journal.write(turn.records, turn.state);
    } catch (error) {
      this.#stuck = error instanceof Error ? error.message : String(error);
      this.tracer?.undone(input.tick);
      return [];
    }
    this.#stuck = undefined;
    this.#lastTick = input.tick;
    this.#state = turn.state;
    this.#actions = turn.actions;
    this.#orders = this.#orders.slice(waiting.length);
    if (turn.records.length > 0) this.onRecords(turn.records);
    for (const { order, resolve } of waiting) resolve(answersTo(order, turn.records));
    return turn.records;
  }
}

interface Waiting {
  readonly order: Order;
  readonly resolve: (records: readonly DecisionRecord[]) => void;
}

function answersTo({ by }: Order, records: readonly DecisionRecord[]): readonly DecisionRecord[] {
  return records.filter(({ actor }) => actor === by);
}
