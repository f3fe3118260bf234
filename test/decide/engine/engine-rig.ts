import type { ActionInForce } from "../../../src/decide/act/action.ts";
import type { Order } from "../../../src/decide/engine/order.ts";
import { EMPTY_STATE, type EngineState } from "../../../src/decide/engine/state.ts";
import { step } from "../../../src/decide/engine/step.ts";
import type { DecisionRecord } from "../../../src/decide/record.ts";
import type { PolicySet } from "../../../src/policy/policy-set.ts";
import { policySet } from "../../support/policy-set.ts";
import { FakeEvidence, type Second } from "./fake-evidence.ts";

/** The whole engine, second by second, on evidence that a test writes. */
export class EngineRig {
  readonly evidence = new FakeEvidence();
  readonly records: DecisionRecord[] = [];
  state: EngineState = EMPTY_STATE;
  actions: readonly ActionInForce[] = [];
  policySet: PolicySet;
  tick = 100_000;
  refusedRatio = 0;

  constructor(parts: Partial<PolicySet>) {
    this.policySet = policySet(parts);
  }

  /** Each second holds the same; the orders come with the first. */
  run(seconds: number, second: Second, orders: readonly Order[] = []): this {
    return this.#run(seconds, second, orders);
  }

  /** Nothing is heard. */
  blind(seconds: number): this {
    return this.#run(seconds, undefined, []);
  }

  #run(seconds: number, second: Second | undefined, orders: readonly Order[]): this {
    for (let i = 0; i < seconds; i++) {
      if (second !== undefined) this.evidence.add(this.tick - 1, second);
      const { policySet, tick, refusedRatio } = this;
      const evidence = this.evidence.at(tick);
      const given = { policySet, evidence, tick, refusedRatio };
      const turn = step(this.state, { ...given, orders: i === 0 ? orders : [] });
      this.state = turn.state;
      this.actions = turn.actions;
      this.records.push(...turn.records);
      this.tick += 1;
    }
    return this;
  }

  /** Verdicts, the oldest first. */
  get told(): readonly string[] {
    return this.records.map(({ body }) => body.verdict);
  }
}
