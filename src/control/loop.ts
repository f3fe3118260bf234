import type { ActionInForce } from "../decide/act/action.ts";
import { type EffectiveIntent, layOver } from "../decide/act/effective.ts";
import type { SampledService } from "../evidence/access-counts.ts";
import type { Arm } from "../evidence/evidence.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import type { MeshIdentity } from "../identity/mesh-identity.ts";
import { digestOf } from "../policy/digest.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { Locality, NodeRole, PolicySet } from "../policy/policy-set.ts";
import type { BuildOptions } from "../resources/build.ts";
import type { Spread } from "../xds/canaries.ts";
import { armsOf } from "./arms.ts";
import type { CapacityKeeper } from "./capacity-keeper.ts";
import { changedClusters } from "./changed-clusters.ts";
import type { IntentState } from "./intent-source.ts";
import { Origins, type RefusedVersion } from "./origins.ts";
import { Places } from "./places.ts";
import { buildRoles, publish, type SnapshotSink, shrinksIn } from "./publisher.ts";

/**
 * Order and lifetime of the loop, never a rule: intent and evidence in, snapshots out. A set that cannot be built leaves
 * what was published; the reason is kept for the operator.
 */
export interface LoopOptions {
  readonly sink: SnapshotSink;
  /** Path of the compiled filter on Envoy's disk. */
  readonly filterWasm: string;
  readonly evidence: () => EvidenceSnapshot;
  readonly capacity: CapacityKeeper;
  /** Services whose clusters are about to be sent anew: Envoy may start some of their counters again. */
  readonly onClustersChanged?: (services: readonly string[]) => void;
  /** What the Envoys of a role (`gateway/edge`) show in the mesh; absent: nothing. */
  readonly identityOf?: (role: string) => MeshIdentity | undefined;
}

/** File and line are absent if the intent did not come from files. */
export interface DocumentPlace {
  /** `Kind/name`. */
  readonly document: string;
  readonly file?: string;
  readonly line?: number;
}

/** A good set that is not in force, because of what it would do. */
export interface HeldIntent {
  readonly digest: string;
  /** `shrink`: nobody was given it. `canaries`: some were, and have given it back. */
  readonly by: "shrink" | "canaries";
  /** Sentences without a full stop. */
  readonly why: readonly string[];
}

/** It would take more than half of something from the Envoys of a role. */
class Shrunk extends Error {
  constructor(readonly why: readonly string[]) {
    super(why.join("; "));
  }
}

export class ControlLoop {
  #intent: IntentState | undefined;
  #published: PolicySet | undefined;
  /** The newest that all Envoys were given. */
  #trusted: PolicySet | undefined;
  #failure: string | undefined;
  #held: HeldIntent | undefined;
  /** Digest of a set that may take as much as it likes. */
  #mayShrink: string | undefined;
  #places: IntentState["places"];
  #actions: readonly ActionInForce[] = [];
  #effective: EffectiveIntent | undefined;
  #arms: ReadonlyMap<string, SampledService> = new Map();
  readonly #capacity: CapacityKeeper;
  readonly #origins = new Origins();
  readonly #seats = new Places();

  constructor(private readonly options: LoopOptions) {
    this.#capacity = options.capacity;
  }

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

  /** The set in force with all actions laid over it. */
  get effective(): PolicySet | undefined {
    return this.#effective?.policySet;
  }

  /** Service and version of a cluster of the set in force. */
  armOf(cluster: string): Arm | undefined {
    return this.#arms.get(cluster)?.arm;
  }

  /** What tells the requests of a cluster apart. */
  sampledService(cluster: string): SampledService | undefined {
    return this.#arms.get(cluster);
  }

  /** Why the newest good intent could not be turned into resources; undefined if it was. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The newest good intent, if it waits for a person; the set in force is then the one before. */
  get held(): HeldIntent | undefined {
    return this.#held;
  }

  /** A person wants this very set. */
  allow(digest: string, { shrink }: { readonly shrink: boolean }): void {
    this.#held = undefined;
    this.#mayShrink = shrink ? digest : undefined;
  }

  /** What would come of it, without doing it. */
  tryOut(policySet: PolicySet): { readonly failure?: string; readonly shrinks: readonly string[] } {
    try {
      const { policySet: laid, ...beside } = layOver(policySet, this.#actions);
      const given = { places: this.#seats, optionsOf: this.#optionsOf(beside) };
      const built = buildRoles(laid, rolesOf(policySet), given);
      return { shrinks: shrinksIn(built, this.options.sink) };
    } catch (error) {
      return { failure: messageOf(error), shrinks: [] };
    }
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
    if (policySet === undefined || policySet.digest === this.#published?.digest) {
      if (intent.current) this.#held = undefined;
      return;
    }
    if (this.#held?.by === "canaries" && this.#held.digest === policySet.digest) return;
    this.#held = undefined;
    try {
      const evidence = this.options.evidence();
      this.#capacity.learn(policySet, evidence);
      this.#lay(policySet, evidence.nowMs, "canaries first");
      this.#published = policySet;
      this.#failure = undefined;
      this.settle();
    } catch (error) {
      if (error instanceof Shrunk)
        this.#held = { digest: policySet.digest, by: "shrink", why: error.why };
      else this.#failure = messageOf(error);
    }
  }

  /** No canaries are needed any more for what is published: it is what a bad change goes back to. */
  settle(): void {
    if (this.options.sink.canaries().length === 0) this.#trusted = this.#published;
  }

  /** Canaries would not have it: everybody is given what was there before, and the intent waits for a person. */
  takeBack(why: string): void {
    const [bad, good] = [this.#published, this.#trusted];
    if (bad === undefined || good === undefined || bad === good) return;
    this.#held = { digest: bad.digest, by: "canaries", why: [why] };
    this.#lay(good, this.options.evidence().nowMs, "all");
    this.#published = good;
  }

  /** What decisions want of the mesh from now on; true if Envoys were given anything new. */
  act(actions: readonly ActionInForce[]): boolean {
    this.#actions = actions;
    const policySet = this.#published;
    if (policySet === undefined) return false;
    try {
      const isNew = this.#lay(policySet, this.options.evidence().nowMs, "as before");
      if (isNew) this.#failure = undefined;
      return isNew;
    } catch (error) {
      this.#failure = messageOf(error);
      return false;
    }
  }

  /** Lays the actions over the intent, and publishes what that makes if it is not what Envoys have. */
  #lay(policySet: PolicySet, nowMs: number, spread: Spread): boolean {
    const effective = layOver(policySet, this.#actions);
    if (this.#effective !== undefined && digestOf(effective) === digestOf(this.#effective))
      return false;
    const changed = changedClusters(this.#effective?.policySet, effective.policySet);
    if (changed.length > 0) this.options.onClustersChanged?.(changed);
    this.#publish(effective, rolesOf(policySet), { nowMs, spread });
    this.#effective = effective;
    this.#arms = armsOf(policySet);
    return true;
  }

  /** Certificates were replaced: Envoys get them, and an intent that waited for one is tried again. */
  renew(): void {
    const effective = this.#effective;
    try {
      if (effective !== undefined)
        this.#publish(effective, rolesOf(effective.policySet), this.#asBefore());
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    if (this.#intent !== undefined) this.setIntent(this.#intent);
  }

  /** Once a second: publishes a role again whose Envoys have learned enough that is new. */
  tick(): void {
    const policySet = this.#published;
    if (policySet !== undefined) this.#refresh(rolesOf(policySet), false);
  }

  /** Key of the snapshot for an Envoy of this role (`gateway/edge`) that says it is here; there is one from now on. */
  seatOf(role: string, place: Locality): string {
    const effective = this.#effective;
    const roles = effective === undefined ? [] : rolesOf(effective.policySet);
    const own = roles.filter((each) => roleKey(each) === role);
    if (effective === undefined || own.length === 0) return role;
    const known = this.#seats.of(role).size;
    const key = this.#seats.keyOf(role, place);
    if (this.#seats.of(role).size > known) this.#publish(effective, own, this.#asBefore());
    return key;
  }

  /** An Envoy of this role (`gateway/edge`) has been started and was not sent anything yet. */
  join(key: string): void {
    const policySet = this.#published;
    if (policySet === undefined) return;
    const joined = rolesOf(policySet).filter((role) => roleKey(role) === key);
    this.#refresh(joined, true);
  }

  #refresh(roles: readonly NodeRole[], isAwaited: boolean): void {
    const effective = this.#effective;
    if (effective === undefined) return;
    const evidence = this.options.evidence();
    const { nowMs } = evidence;
    this.#capacity.learn(effective.policySet, evidence);
    const due = roles.filter((role) => this.#capacity.isDue(roleKey(role), { nowMs, isAwaited }));
    this.#publish(effective, due, { nowMs, spread: "as before" });
  }

  #asBefore() {
    return { nowMs: this.options.evidence().nowMs, spread: "as before" as const };
  }

  /** All or nothing: a set that cannot be built, or takes too much, throws before anything is published. */
  #publish(
    { policySet, ...beside }: EffectiveIntent,
    roles: readonly NodeRole[],
    { nowMs, spread }: { readonly nowMs: number; readonly spread: Spread },
  ): void {
    const { sink } = this.options;
    const given = { places: this.#seats, optionsOf: this.#optionsOf(beside) };
    const built = buildRoles(policySet, roles, given);
    const shrinks = shrinksIn(built, sink);
    // Going back may take what the bad change brought.
    const isAllowed = spread === "all" || this.#mayShrink === this.#intent?.policySet?.digest;
    if (shrinks.length > 0 && !isAllowed) throw new Shrunk(shrinks);
    publish(built, policySet, { sink, origins: this.#origins, spread });
    this.#capacity.markPushed(roles.map(roleKey), nowMs);
  }

  #optionsOf(beside: Omit<EffectiveIntent, "policySet">): (key: string) => BuildOptions {
    const { filterWasm, identityOf } = this.options;
    return (key) => {
      const identity = identityOf?.(key);
      const memory = this.#capacity.known(key);
      return { filterWasm, memory, ...beside, ...(identity !== undefined && { identity }) };
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
