import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { CapacityKeeper } from "./capacity-keeper.ts";
import type { IntentState } from "./intent-source.ts";
import { publish, type SnapshotSink } from "./publisher.ts";

/**
 * Order and lifetime of the loop, never a rule: intent and evidence in, snapshots out. A set that cannot be built leaves
 * what was published; the reason is kept for the operator.
 */
export interface LoopOptions {
  readonly sink: SnapshotSink;
  /** Path of the compiled filter on Envoy's disk. */
  readonly filterWasm: string;
  readonly evidence: () => EvidenceSnapshot;
}

export class ControlLoop {
  #intent: IntentState | undefined;
  #published: PolicySet | undefined;
  #failure: string | undefined;
  readonly #capacity = new CapacityKeeper();

  constructor(private readonly options: LoopOptions) {}

  /** False until a set was published: before that, streams must be refused, not served empty. */
  get isReady(): boolean {
    return this.#published !== undefined;
  }

  get intent(): IntentState | undefined {
    return this.#intent;
  }

  /** The set in force. */
  get policySet(): PolicySet | undefined {
    return this.#published;
  }

  /** Why the newest good intent could not be turned into resources; undefined if it was. */
  get failure(): string | undefined {
    return this.#failure;
  }

  setIntent(intent: IntentState): void {
    this.#intent = intent;
    const { policySet } = intent;
    if (policySet === undefined || policySet.digest === this.#published?.digest) return;
    try {
      const evidence = this.options.evidence();
      this.#capacity.learn(policySet, evidence);
      this.#publish(policySet, gatewaysOf(policySet), evidence.nowMs);
      this.#published = policySet;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** Once a second: publishes a gateway again whose Envoys have learned enough that is new. */
  tick(): void {
    const policySet = this.#published;
    if (policySet !== undefined) this.#refresh(policySet, gatewaysOf(policySet), false);
  }

  /** An Envoy of this gateway has connected and was not sent anything yet. */
  join(gateway: string): void {
    const policySet = this.#published;
    if (policySet === undefined || !gatewaysOf(policySet).includes(gateway)) return;
    this.#refresh(policySet, [gateway], true);
  }

  #refresh(policySet: PolicySet, gateways: readonly string[], isAwaited: boolean): void {
    const evidence = this.options.evidence();
    const { nowMs } = evidence;
    this.#capacity.learn(policySet, evidence);
    const due = gateways.filter((name) => this.#capacity.isDue(name, { nowMs, isAwaited }));
    this.#publish(policySet, due, nowMs);
  }

  #publish(policySet: PolicySet, gateways: readonly string[], nowMs: number): void {
    const { sink, filterWasm } = this.options;
    const optionsOf = (name: string) => ({ filterWasm, memory: this.#capacity.known(name) });
    publish(policySet, gateways, { sink, optionsOf });
    for (const name of gateways) this.#capacity.markPushed(name, nowMs);
  }
}

function gatewaysOf(policySet: PolicySet): string[] {
  return policySet.gateways.map(({ name }) => name);
}
