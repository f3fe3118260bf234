import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { CapacityKeeper } from "./capacity-keeper.ts";
import type { IntentState } from "./intent-source.ts";
import { Origins, type RefusedVersion } from "./origins.ts";
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

/** File and line are absent if the intent did not come from files. */
export interface DocumentPlace {
  /** `Kind/name`. */
  readonly document: string;
  readonly file?: string;
  readonly line?: number;
}

export class ControlLoop {
  #intent: IntentState | undefined;
  #published: PolicySet | undefined;
  #failure: string | undefined;
  #places: IntentState["places"];
  readonly #capacity = new CapacityKeeper();
  readonly #origins = new Origins();

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

  /** The documents a version that Envoy refused was made of, where they stand in the set in force. */
  documentsOf(refused: RefusedVersion): readonly DocumentPlace[] {
    const documents = this.#origins.documentsOf(refused);
    return documents.map((document) => ({ document, ...this.#places?.get(document) }));
  }

  setIntent(intent: IntentState): void {
    this.#intent = intent;
    if (intent.current) this.#places = intent.places;
    const { policySet } = intent;
    if (policySet === undefined || policySet.digest === this.#published?.digest) return;
    try {
      const evidence = this.options.evidence();
      this.#capacity.learn(policySet, evidence);
      this.#publish(policySet, rolesOf(policySet), evidence.nowMs);
      this.#published = policySet;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** Once a second: publishes a role again whose Envoys have learned enough that is new. */
  tick(): void {
    const policySet = this.#published;
    if (policySet !== undefined) this.#refresh(policySet, rolesOf(policySet), false);
  }

  /** An Envoy of this role (`gateway/edge`) has been started and was not sent anything yet. */
  join(key: string): void {
    const policySet = this.#published;
    if (policySet === undefined) return;
    const joined = rolesOf(policySet).filter((role) => roleKey(role) === key);
    this.#refresh(policySet, joined, true);
  }

  #refresh(policySet: PolicySet, roles: readonly NodeRole[], isAwaited: boolean): void {
    const evidence = this.options.evidence();
    const { nowMs } = evidence;
    this.#capacity.learn(policySet, evidence);
    const due = roles.filter((role) => this.#capacity.isDue(roleKey(role), { nowMs, isAwaited }));
    this.#publish(policySet, due, nowMs);
  }

  #publish(policySet: PolicySet, roles: readonly NodeRole[], nowMs: number): void {
    const { sink, filterWasm } = this.options;
    const optionsOf = (key: string) => ({ filterWasm, memory: this.#capacity.known(key) });
    publish(policySet, roles, { sink, origins: this.#origins, optionsOf });
    for (const role of roles) this.#capacity.markPushed(roleKey(role), nowMs);
  }
}
