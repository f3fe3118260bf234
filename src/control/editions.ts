import type { ActionInForce } from "../decide/act/action.ts";
import type { MeshIdentity } from "../identity/mesh-identity.ts";
import type { Locality } from "../policy/intent/endpoint.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { BuildOptions } from "../resources/build.ts";
import type { Spread } from "../xds/canaries.ts";
import type { CapacityKeeper } from "./capacity-keeper.ts";
import { Cohorts, roleOfKey } from "./cohorts.ts";
import { type LaidIntent, layAlso } from "./laid-intent.ts";
import { Origins, type RefusedVersion } from "./origins.ts";
import { Places } from "./places.ts";
import { buildAll, type Edition, publish, type SnapshotSink, shrinksIn } from "./publisher.ts";

/**
 * Which snapshots there are of an intent, one per role, place and cohort, and their publishing: all of a call or none. Places and
 * cohorts come as their Envoys ask whose snapshot they get; cohorts nobody asks for any more are gone.
 */
export interface EditionsOptions {
  readonly sink: SnapshotSink;
  /** Path of the compiled filter on Envoy's disk. */
  readonly filterWasm: string;
  readonly capacity: CapacityKeeper;
  /** What the Envoys of a role (`gateway/edge`) show in the mesh; absent: nothing. */
  readonly identityOf?: (role: string) => MeshIdentity | undefined;
}

/** It would take more than half of something from the Envoys of a role. */
export class Shrunk extends Error {
  constructor(readonly why: readonly string[]) {
    super(why.join("; "));
  }
}

export class Editions {
  readonly #origins = new Origins();
  readonly #cohorts = new Cohorts();
  /** Of cohorts that are published. */
  readonly #cohortKeys = new Set<string>();
  readonly #places = new Places();

  constructor(private readonly options: EditionsOptions) {}

  /** `Kind/name` of what a version that Envoy refused was made of. */
  documentsOf(refused: RefusedVersion): readonly string[] {
    return this.#origins.documentsOf(refused);
  }

  /** What would go if this were published, a sentence each; throws if it cannot be built. */
  shrinksOf(laid: LaidIntent): readonly string[] {
    const keys = this.#keysOf(rolesOf(laid.policySet).map(roleKey));
    return shrinksIn(this.#build(laid, keys), this.options.sink);
  }

  /** Roles with all their places and cohorts. Throws before anything is published: it cannot be built, or takes too much. */
  publish(
    laid: LaidIntent,
    roles: readonly string[],
    how: { readonly spread: Spread; readonly mayShrink: boolean },
  ): void {
    this.#publish(laid, this.#keysOf(roles), how);
  }

  /** Everybody asks anew for whose snapshot they get. */
  regroup(partial: readonly ActionInForce[]): void {
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

  /** Where an Envoy of a role belongs by where it says it is; `isNew`: nobody was there before. */
  seatOf(role: string, locality: Locality): { readonly seat: string; readonly isNew: boolean } {
    const known = this.#places.of(role).size;
    const seat = this.#places.keyOf(role, locality);
    return { seat, isNew: this.#places.of(role).size > known };
  }

  /** Key of the snapshot for an Envoy at a seat: its own if actions hold on it and not everywhere, and there is one from now on. */
  keyOf(laid: LaidIntent, seat: string, id: string, mayShrink: boolean): string {
    const key = this.#cohorts.keyOf(seat, id);
    if (key === seat || this.#cohortKeys.has(key)) return key;
    this.#publish(laid, [key], { spread: "as before", mayShrink });
    this.#cohortKeys.add(key);
    return key;
  }

  #keysOf(roles: readonly string[]): readonly string[] {
    const keys = roles.flatMap((role) => [role, ...this.#places.of(role).keys()]);
    return [...keys, ...[...this.#cohortKeys].filter((key) => roles.includes(roleOfKey(key)))];
  }

  #publish(
    laid: LaidIntent,
    keys: readonly string[],
    { spread, mayShrink }: { readonly spread: Spread; readonly mayShrink: boolean },
  ): void {
    const { sink } = this.options;
    const built = this.#build(laid, keys);
    const shrinks = shrinksIn(built, sink);
    if (shrinks.length > 0 && !mayShrink) throw new Shrunk(shrinks);
    publish(built, { sink, origins: this.#origins, spread });
  }

  #build(laid: LaidIntent, keys: readonly string[]): ReturnType<typeof buildAll> {
    return buildAll(keys.flatMap((key) => this.#editionOf(laid, key) ?? []));
  }

  /** Undefined for a role that the intent does not have. */
  #editionOf(laid: LaidIntent, key: string): Edition | undefined {
    const role = rolesOf(laid.policySet).find((each) => roleKey(each) === roleOfKey(key));
    if (role === undefined) return undefined;
    const intent = layAlso(laid, this.#cohorts.actionsOf(key));
    const [seat = ""] = key.split("#");
    const place = this.#places.of(roleKey(role)).get(seat);
    const identity = this.options.identityOf?.(roleKey(role));
    const options: BuildOptions = {
      filterWasm: this.options.filterWasm,
      memory: this.options.capacity.known(roleKey(role)),
      denials: intent.denials,
      faults: intent.faults,
      ...(identity !== undefined && { identity }),
      ...(place !== undefined && { place }),
    };
    return { key, role, policySet: intent.policySet, options };
  }
}
