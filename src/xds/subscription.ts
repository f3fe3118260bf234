import type { Resources } from "./held.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * Which names of one type a client subscribes to.
 *
 * Wildcard is either asked for by the name `*` or, for types that have the legacy form, by a first request without
 * names. State of the world: every request replaces the whole set, and once a client has named something, no names mean
 * nothing. Delta: requests change the set, and the legacy wildcard counts as if `*` had been subscribed.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export const WILDCARD = "*";

export class Subscription {
  private readonly named = new Set<string>();
  private wildcard = false;
  private hasNamed = false;

  constructor(private readonly hasLegacyWildcard: boolean) {}

  get isWildcard(): boolean {
    return this.wildcard;
  }

  /** Names asked for one by one. */
  get names(): ReadonlySet<string> {
    return this.named;
  }

  includes(name: string): boolean {
    return this.wildcard || this.named.has(name);
  }

  /** Of what there is, the part the client subscribes to. */
  select(resources: Resources): VersionedResource[] {
    if (this.wildcard) return [...resources.values()];
    const found = [...this.named].map((name) => resources.get(name));
    return found.filter((resource) => resource !== undefined);
  }

  /** State of the world: `names` is all the client wants now. */
  replace(names: readonly string[]): void {
    if (names.length > 0) this.hasNamed = true;
    this.wildcard =
      names.includes(WILDCARD) || (names.length === 0 && this.hasLegacyWildcard && !this.hasNamed);
    this.named.clear();
    for (const name of names) if (name !== WILDCARD) this.named.add(name);
  }

  /** Delta: the first request of a type without names is the legacy wildcard. */
  subscribe(names: readonly string[], isFirst: boolean): void {
    if (isFirst && names.length === 0) this.wildcard = this.hasLegacyWildcard;
    for (const name of names) {
      if (name === WILDCARD) this.wildcard = true;
      else this.named.add(name);
    }
  }

  /** Delta: true if the name was subscribed. */
  unsubscribe(name: string): boolean {
    if (name !== WILDCARD) return this.named.delete(name);
    const was = this.wildcard;
    this.wildcard = false;
    return was;
  }
}
