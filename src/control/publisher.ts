import type { NodeRole } from "../policy/node-role.ts";
import { roleKey } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { messageName } from "../proto/type-url.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { isLocalitySensitive } from "../resources/locality-rank.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import type { Publication, Spread } from "../xds/canaries.ts";
import { shrinksOf } from "../xds/shrink.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`), place its Envoys are at and cohort, shared by all of
 * them. A role that left the intent keeps its last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot, how: Publication): void;
  getSnapshot(key: string): Snapshot | undefined;
  /** Changes that only some Envoys have. */
  canaries(): readonly unknown[];
  deleteSnapshot(key: string): void;
  /** Nodes are given what their key of now says. */
  regroup(): void;
}

/** What one key is to be given. */
export interface Edition {
  readonly key: string;
  readonly role: NodeRole;
  readonly policySet: PolicySet;
  readonly options: BuildOptions;
}

interface BuiltEdition extends Edition {
  readonly resources: readonly EnvoyResource[];
  readonly snapshot: Snapshot;
}

/** Throws if one of them cannot be built. */
export function buildAll(editions: readonly Edition[]): readonly BuiltEdition[] {
  const known = new Map<string, ReturnType<typeof build>>();
  return editions.map((edition) => {
    // Where no locality matters, all places of a role or cohort share the very same bytes.
    const isSensitive = isLocalitySensitive(edition.policySet);
    const [seat = "", cohort = ""] = edition.key.split("#");
    const shared = `${isSensitive ? seat : roleKey(edition.role)}#${cohort}`;
    const made = known.get(shared) ?? build(edition, isSensitive);
    known.set(shared, made);
    return { ...edition, ...made };
  });
}

/** What would go if these were published, a sentence each. */
export function shrinksIn(built: readonly BuiltEdition[], sink: SnapshotSink): readonly string[] {
  return built.flatMap(({ key, snapshot }) =>
    shrinksOf(sink.getSnapshot(key), snapshot).map(
      ({ typeUrl, before, removed }) =>
        `${key} would lose ${removed} of ${before} resources of type ${messageName(typeUrl)}`,
    ),
  );
}

export function publish(
  built: readonly BuiltEdition[],
  to: { readonly sink: SnapshotSink; readonly origins: Origins; readonly spread: Spread },
): void {
  for (const { key, role, policySet, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    to.origins.note({ key, role }, published, policySet);
    const [seat] = key.split("#");
    to.sink.setSnapshot(key, snapshot, {
      spread: to.spread,
      ...(key !== seat && seat !== undefined && { from: seat }),
    });
  }
}

function build({ policySet, role, options }: Edition, isSensitive: boolean) {
  const { place: _, ...rest } = options;
  const resources = buildResources(policySet, role, isSensitive ? options : rest);
  return { resources, snapshot: createSnapshot(resources.map(encode)) };
}

function versionIn({ types }: Snapshot, { typeUrl, name }: EnvoyResource): string {
  return types.get(typeUrl)?.resources.get(name)?.version ?? "";
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
