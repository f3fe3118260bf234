import type { ActionInForce } from "../decide/act/action.ts";
import type { SampledService } from "../evidence/access-counts.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Spread } from "../xds/canaries.ts";
import { Shrunk } from "./editions.ts";
import type { IntentState } from "./intent-source.ts";
import { LaidMesh, type LaidMeshOptions } from "./laid-mesh.ts";
import type { RefusedVersion } from "./origins.ts";

/**
 * Order and lifetime of the loop, never a rule: intent and evidence in, snapshots out. A set that cannot be built leaves
 * what was published; the reason is kept for the operator.
 */
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
  readonly #mesh: LaidMesh;

  constructor(private readonly options: LaidMeshOptions) {
    this.#mesh = new LaidMesh(options);
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
    return this.#mesh.effective;
  }

  /** What tells the requests of a cluster apart. */
  sampledService(cluster: string): SampledService | undefined {
    return this.#mesh.sampledService(cluster);
  }

  /** The one service a route leads to; undefined if there are several. */
  serviceOfRoute(route: string): SampledService | undefined {
    return this.#mesh.serviceOfRoute(route);
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
      return { shrinks: this.#mesh.shrinksOf(policySet, this.#actions) };
    } catch (error) {
      return { failure: messageOf(error), shrinks: [] };
    }
  }

  /** The documents a version that Envoy refused was made of, where they stand in the set in force. */
  documentsOf(refused: RefusedVersion): readonly DocumentPlace[] {
    return this.#mesh
      .documentsOf(refused)
      .map((document) => ({ document, ...this.#places?.get(document) }));
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
      this.options.capacity.learn(policySet, evidence);
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

  /** Certificates were replaced: Envoys get them, and an intent that waited for one is tried again. */
  renew(): void {
    try {
      this.#mesh.renew(this.#how);
    } catch (error) {
      this.#failure = messageOf(error);
    }
    if (this.#intent !== undefined) this.setIntent(this.#intent);
  }

  /** Once a second: publishes a role again whose Envoys have learned enough that is new. */
  tick(): void {
    const policySet = this.#published;
    if (policySet === undefined) return;
    this.#mesh.refresh(rolesOf(policySet), { ...this.#how, isAwaited: false });
  }

  /**
   * Key of the snapshot for an Envoy of this role (`gateway/edge`): by where it says it is, and by the actions that hold on it
   * and not everywhere. There is one from now on.
   */
  seatOf(
    role: string,
    { id, locality }: { readonly id: string; readonly locality: Locality },
  ): string {
    const place = this.#mesh.placeOf(role, locality);
    if (place === undefined) return role;
    try {
      return this.#mesh.keyAt(place, id, this.#how);
    } catch (error) {
      this.#failure = messageOf(error);
      return place.seat;
    }
  }

  /** An Envoy of this role (`gateway/edge`) has been started and was not sent anything yet. */
  join(key: string): void {
    const policySet = this.#published;
    if (policySet === undefined) return;
    const joined = rolesOf(policySet).filter((role) => roleKey(role) === key);
    this.#mesh.refresh(joined, { ...this.#how, isAwaited: true });
  }

  #lay(policySet: PolicySet, spread: Spread): boolean {
    return this.#mesh.lay(policySet, this.#actions, { ...this.#how, spread });
  }

  get #how(): { readonly mayShrink: boolean } {
    return { mayShrink: this.#mayShrink === this.#intent?.policySet?.digest };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
