import { EvidenceLedger, type LedgerEvent } from "../../evidence/ledger.ts";
import { canonical, digestOf } from "../../policy/digest.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { Order } from "../engine/order.ts";
import type { EngineState } from "../engine/state.ts";
import { step } from "../engine/step.ts";
import type { TickInput } from "../engine/tick-input.ts";
import type { DecisionRecord } from "../record.ts";
import { fromLists, type NodeLists } from "./node-lists.ts";

/**
 * The engine once more, on what it was told: evidence second by second, intent, people's orders. The same input gives the same
 * bytes. Under another intent it says what that would have decided of this evidence, which is what the mesh did under the first:
 * what the other decisions would have made of the traffic, nobody knows.
 */
export type EngineTraceLine =
  | LedgerEvent
  /** Once, first: what was remembered when the capture began. */
  | { readonly kind: "start"; readonly version: 1; readonly state: EngineState }
  /** From here on. */
  | { readonly kind: "intent"; readonly policySet: PolicySet }
  | {
      readonly kind: "turn";
      readonly tick: number;
      readonly orders: readonly Order[];
      readonly mesh?: EngineMesh;
      readonly records: readonly DecisionRecord[];
      /** Of the state after it; absent in most. */
      readonly state?: string;
    }
  /** The turn before could not be stored, and counts for nothing. */
  | { readonly kind: "undone"; readonly tick: number };

/** What else a turn was told. */
export interface EngineMesh extends Pick<TickInput, "refusedRatio"> {
  /** As far as the turn asked for them. */
  readonly nodes?: NodeLists;
}

export interface EngineReplay {
  readonly turns: number;
  readonly records: number;
  /** Ticks whose turn came out otherwise, the first few; with the same intent there must be none. */
  readonly differing: readonly Difference[];
  readonly differingTurns: number;
}

export interface Difference {
  readonly tick: number;
  readonly onlyCaptured: readonly DecisionRecord[];
  readonly onlyReplayed: readonly DecisionRecord[];
}

const MOST_SHOWN = 100;

export class EngineReplayer {
  readonly #ledger = new EvidenceLedger();
  #state: EngineState | undefined;
  #before: EngineState | undefined;
  #policySet: PolicySet | undefined;
  /** The last that was heard of each: another intent may ask in another second. */
  #nodes: NodeLists = {};
  #turns = 0;
  #records = 0;
  #differingTurns = 0;
  readonly #differing: Difference[] = [];

  /** `instead`: the intent to judge under; absent: the captured one. */
  constructor(private readonly instead?: PolicySet) {}

  /** Lines in their order. Throws a sentence at one that cannot stand where it does. */
  take(line: EngineTraceLine): void {
    switch (line.kind) {
      case "start":
        this.#state = line.state;
        return;
      case "intent":
        this.#policySet = this.instead ?? line.policySet;
        return;
      case "turn":
        this.#turn(line);
        return;
      case "undone":
        this.#state = this.#before;
        return;
      default:
        this.#ledger.restore(line);
    }
  }

  result(): EngineReplay {
    return {
      turns: this.#turns,
      records: this.#records,
      differing: this.#differing,
      differingTurns: this.#differingTurns,
    };
  }

  #turn({ tick, orders, mesh, records, state }: EngineTraceLine & { readonly kind: "turn" }): void {
    const [before, policySet] = [this.#state, this.#policySet];
    if (before === undefined) throw new Error("a turn comes before the start");
    if (policySet === undefined) throw new Error("a turn comes before any intent");
    const evidence = this.#ledger.evidence(tick);
    const { nodes, ...rest } = mesh ?? {};
    this.#nodes = { ...this.#nodes, ...nodes };
    const nodesOf = fromLists(this.#nodes);
    const turn = step(before, { ...rest, nodesOf, policySet, evidence, tick, orders });
    this.#before = before;
    this.#state = turn.state;
    this.#turns += 1;
    this.#records += turn.records.length;
    const isSameState =
      state === undefined || this.instead !== undefined || state === stateDigest(turn.state);
    if (isSameState && this.#isSame(records, turn.records)) return;
    this.#differingTurns += 1;
    if (this.#differing.length >= MOST_SHOWN) return;
    this.#differing.push({
      tick,
      onlyCaptured: this.#without(records, turn.records),
      onlyReplayed: this.#without(turn.records, records),
    });
  }

  #isSame(a: readonly DecisionRecord[], b: readonly DecisionRecord[]): boolean {
    if (a.length === 0 && b.length === 0) return true;
    return this.instead === undefined
      ? canonical(a) === canonical(toJson(b))
      : this.#without(a, b).length === 0 && this.#without(b, a).length === 0;
  }

  /** By id, which is of tick, subject and verdict: under another intent the words differ anyway. */
  #without(from: readonly DecisionRecord[], other: readonly DecisionRecord[]): DecisionRecord[] {
    const key = (record: DecisionRecord) =>
      this.instead === undefined ? canonical(toJson(record)) : record.id;
    const known = new Set(other.map(key));
    return from.filter((record) => !known.has(key(record)));
  }
}

/** Of a state as it is once it was stored. */
export function stateDigest(state: EngineState): string {
  return digestOf(toJson(state));
}

/** As it is once it was written and read. */
function toJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
