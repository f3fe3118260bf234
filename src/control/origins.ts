import type { NodeRole } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { contentOf, documentsOf } from "../resources/origin.ts";
import type { EnvoyResource } from "../resources/resource.ts";

/**
 * Which documents the published resources came from, for the last few versions of each: what Envoy refuses is shown by
 * the document that has to be mended. Of several, those that changed since the version Envoy accepted last.
 */
interface Origin {
  readonly version: string;
  readonly policySet: PolicySet;
  readonly documents: readonly string[];
}

interface PublishedResource {
  readonly resource: EnvoyResource;
  readonly version: string;
}

export interface RefusedVersion {
  /** `gateway/edge`, or that of a place or cohort. */
  readonly key: string;
  readonly typeUrl: string;
  readonly name: string;
  readonly version: string;
  /** The version accepted last. */
  readonly lastGood?: string | undefined;
}

/** The refused one, the one before, and what came in between. */
const KEPT = 4;

export class Origins {
  /** By key of the snapshot, then by resource. */
  private readonly keys = new Map<string, ReadonlyMap<string, readonly Origin[]>>();

  /** All that is published under a key now. */
  note(
    { key, role }: { readonly key: string; readonly role: NodeRole },
    published: readonly PublishedResource[],
    policySet: PolicySet,
  ): void {
    const before = this.keys.get(key);
    const now = published.map(({ resource, version }): [string, readonly Origin[]] => {
      const known = before?.get(idOf(resource)) ?? [];
      if (known.at(-1)?.version === version) return [idOf(resource), known];
      const documents = documentsOf(resource, policySet, role);
      const others = known.filter((each) => each.version !== version);
      return [idOf(resource), [...others, { version, policySet, documents }].slice(-KEPT)];
    });
    this.keys.set(key, new Map(now));
  }

  forget(key: string): void {
    this.keys.delete(key);
  }

  /** `Kind/name`; none if the version is too old to be known. */
  documentsOf(refused: RefusedVersion): readonly string[] {
    const known = this.keys.get(refused.key)?.get(idOf(refused)) ?? [];
    const bad = known.find(({ version }) => version === refused.version);
    const good = known.find(({ version }) => version === refused.lastGood);
    if (bad === undefined) return [];
    if (good === undefined) return bad.documents;
    const changed = bad.documents.filter((document) => !isSame(document, bad, good));
    return changed.length > 0 ? changed : bad.documents;
  }
}

function isSame(document: string, a: Origin, b: Origin): boolean {
  const [one, other] = [a, b].map(({ policySet }) => contentOf(policySet, document));
  return JSON.stringify(one) === JSON.stringify(other);
}

function idOf({ typeUrl, name }: Pick<RefusedVersion, "typeUrl" | "name">): string {
  return `${typeUrl} ${name}`;
}
