import { isDeepStrictEqual } from "node:util";
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
import { Cohorts, roleOfKey } from "./cohorts.ts";
import type { IntentState } from "./intent-source.ts";
import { Origins, type RefusedVersion } from "./origins.ts";
import { Places } from "./places.ts";
import { buildAll, type Edition, publish, type SnapshotSink, shrinksIn } from "./publisher.ts";

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

/** What Envoys have. */
interface Laid {
  readonly policySet: PolicySet;
  readonly actions: readonly ActionInForce[];
  /** Where no action holds that does not hold everywhere. */
  readonly effective: EffectiveIntent;
  readonly digest: string;
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
  #laid: Laid | undefined;
  /** With every action, wherever it holds: clusters that differ somewhere. */
  #widest: PolicySet | undefined;
  #arms: ReadonlyMap<string, SampledService> = new Map();
  readonly #capacity: CapacityKeeper;
  readonly #origins = new Origins();
  readonly #cohorts = new Cohorts();
  /** Of cohorts that are published. */
  readonly #cohortKeys = new Set<string>();
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

  /** The set in force with all actions laid over it that hold everywhere. */
  get effective(): PolicySet | undefined {
    return this.#laid?.effective.policySet;
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
      const actions = this.#actions;
      const effective = layOver(policySet, everywhere(actions));
      const laid = { policySet, actions, effective, digest: "" };
      const keys = this.#keysOf(rolesOf(policySet).map(roleKey));
      return { shrinks: shrinksIn(this.#build(laid, keys), this.options.sink) };
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
      this.#lay(policySet, "canaries first");
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
    this.#lay(good, "all");
    this.#published = good;
  }

  /** What decisions want of the mesh from now on; true if Envoys were given anything new. */
  act(actions: readonly ActionInForce[]): boolean {
    this.#actions = actions;
    const policySet = this.#published;
    if (policySet === undefined) return false;
    try {
      const isNew = this.#lay(policySet, "as before");
      if (isNew) this.#failure = undefined;
      return isNew;
    } catch (error) {
      this.#failure = messageOf(error);
      return false;
    }
  }

  /** Lays the actions over the intent, and publishes what that makes if it is not what Envoys have. */
  #lay(policySet: PolicySet, spread: Spread): boolean {
    const actions = this.#actions;
    const before = this.#laid;
    // The same over the same makes the same: a large intent is not digested anew each second.
    if (before?.policySet === policySet && isDeepStrictEqual(before.actions, actions)) return false;
    const partial = actions.filter(({ nodes }) => nodes !== undefined);
    const effective = layOver(policySet, everywhere(actions));
    const digest = digestOf([effective, partial]);
    if (digest === this.#laid?.digest) return false;
    const widest = layOver(policySet, actions).policySet;
    const changed = changedClusters(this.#widest, widest);
    if (changed.length > 0) this.options.onClustersChanged?.(changed);
    const laid = { policySet, actions, effective, digest };
    this.#publishRoles(laid, rolesOf(policySet).map(roleKey), spread);
    this.#laid = laid;
    this.#widest = widest;
    this.#arms = armsOf(policySet);
    this.#regroup(partial);
    return true;
  }

  /** Cohorts are published as their nodes ask whose snapshot they get; those nobody asks for any more are gone. */
  #regroup(partial: readonly ActionInForce[]): void {
    const before = [...this.#cohortKeys];
    this.#cohorts.set(partial);
    if (before.length === 0 && partial.length === 0) return;
    this.#cohortKeys.clear();
    this.options.sink.regroup();
    for (const key of before) {
      if (this.#cohortKeys.has(key)) continue;
      this.options.sink.deleteSnapshot(key);
      this.#origins.forget(key);
    }
  }

  /** Certificates were replaced: Envoys get them, and an intent that waited for one is tried again. */
  renew(): void {
    const laid = this.#laid;
    try {
      if (laid !== undefined) this.#publishRoles(laid, rolesOf(laid.policySet).map(roleKey));
    } catch (error) {
      this.#failure = messageOf(error);
    }
    if (this.#intent !== undefined) this.setIntent(this.#intent);
  }

  /** Once a second: publishes a role again whose Envoys have learned enough that is new. */
  tick(): void {
    const policySet = this.#published;
    if (policySet !== undefined) this.#refresh(rolesOf(policySet), false);
  }

  /**
   * Key of the snapshot for an Envoy of this role (`gateway/edge`): by where it says it is, and by the actions that hold on it
   * and not everywhere. There is one from now on.
   */
  seatOf(
    role: string,
    { id, locality }: { readonly id: string; readonly locality: Locality },
  ): string {
    const laid = this.#laid;
    const isKnown =
      laid !== undefined && rolesOf(laid.policySet).some((each) => roleKey(each) === role);
    if (laid === undefined || !isKnown) return role;
    const known = this.#seats.of(role).size;
    const seat = this.#seats.keyOf(role, locality);
    const key = this.#cohorts.keyOf(seat, id);
    try {
      if (this.#seats.of(role).size > known) this.#publishRoles(laid, [role]);
      if (key === seat || this.#cohortKeys.has(key)) return key;
      this.#publish(laid, [key]);
    } catch (error) {
      this.#failure = messageOf(error);
      return seat;
    }
    this.#cohortKeys.add(key);
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
    const laid = this.#laid;
    if (laid === undefined) return;
    const evidence = this.options.evidence();
    const { nowMs } = evidence;
    this.#capacity.learn(laid.effective.policySet, evidence);
    const keys = roles.map(roleKey);
    const due = keys.filter((key) => this.#capacity.isDue(key, { nowMs, isAwaited }));
    this.#publishRoles(laid, due);
  }

  /** Roles with all their places and cohorts. */
  #publishRoles(laid: Laid, roles: readonly string[], spread: Spread = "as before"): void {
    this.#publish(laid, this.#keysOf(roles), spread);
    this.#capacity.markPushed(roles, this.options.evidence().nowMs);
  }

  #keysOf(roles: readonly string[]): readonly string[] {
    const keys = roles.flatMap((role) => [role, ...this.#seats.of(role).keys()]);
    return [...keys, ...[...this.#cohortKeys].filter((key) => roles.includes(roleOfKey(key)))];
  }

  /** All or nothing: a set that cannot be built, or takes too much, throws before anything is published. */
  #publish(laid: Laid, keys: readonly string[], spread: Spread = "as before"): void {
    const { sink } = this.options;
    const built = this.#build(laid, keys);
    const shrinks = shrinksIn(built, sink);
    // Going back may take what the bad change brought.
    const isAllowed = spread === "all" || this.#mayShrink === this.#intent?.policySet?.digest;
    if (shrinks.length > 0 && !isAllowed) throw new Shrunk(shrinks);
    publish(built, { sink, origins: this.#origins, spread });
  }

  #build(laid: Laid, keys: readonly string[]): ReturnType<typeof buildAll> {
    return buildAll(keys.flatMap((key) => this.#editionOf(laid, key) ?? []));
  }

  /** Undefined for a role that the intent does not have. */
  #editionOf({ policySet, actions, effective }: Laid, key: string): Edition | undefined {
    const role = rolesOf(policySet).find((each) => roleKey(each) === roleOfKey(key));
    if (role === undefined) return undefined;
    const own = this.#cohorts.actionsOf(key);
    const intent =
      own.length === 0 ? effective : layOver(policySet, [...everywhere(actions), ...own]);
    const [seat = ""] = key.split("#");
    const place = this.#seats.of(roleKey(role)).get(seat);
    const identity = this.options.identityOf?.(roleKey(role));
    const options: BuildOptions = {
      filterWasm: this.options.filterWasm,
      memory: this.#capacity.known(roleKey(role)),
      denials: intent.denials,
      faults: intent.faults,
      ...(identity !== undefined && { identity }),
      ...(place !== undefined && { place }),
    };
    return { key, role, policySet: intent.policySet, options };
  }
}

function everywhere(actions: readonly ActionInForce[]): readonly ActionInForce[] {
  return actions.filter(({ nodes }) => nodes === undefined);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
