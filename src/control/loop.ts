import type { PolicySet } from "../policy/policy-set.ts";
import type { BuildOptions } from "../resources/build.ts";
import type { IntentState } from "./intent-source.ts";
import { publish, type SnapshotSink } from "./publisher.ts";

/**
 * Order and lifetime of the loop, never a rule: intent in, snapshots out. A set that cannot be built leaves what was
 * published; the reason is kept for the operator.
 */
export class ControlLoop {
  #intent: IntentState | undefined;
  #published: PolicySet | undefined;
  #failure: string | undefined;

  constructor(
    private readonly sink: SnapshotSink,
    private readonly options: BuildOptions,
  ) {}

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
      publish(policySet, this.sink, this.options);
      this.#published = policySet;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }
}
