import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { messageName } from "../proto/type-url.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { isLocalitySensitive } from "../resources/locality-rank.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import type { Spread } from "../xds/canaries.ts";
import { shrinksOf } from "../xds/shrink.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";
import type { Places } from "./places.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`) and place its Envoys are at, shared by all of them. A role that left
 * the intent keeps its last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot, spread: Spread): void;
  /** Changes that only some Envoys have. */
  canaries(): readonly unknown[];
  getSnapshot(key: string): Snapshot | undefined;
}

interface BuiltRole {
  /** Of the snapshot: the role, or the role at a place. */
  readonly key: string;
  readonly role: NodeRole;
  readonly resources: readonly EnvoyResource[];
  readonly snapshot: Snapshot;
}

/** Throws if one role cannot be built. */
export function buildRoles(
  policySet: PolicySet,
  roles: readonly NodeRole[],
  given: { readonly places: Places; readonly optionsOf: (key: string) => BuildOptions },
): readonly BuiltRole[] {
  return roles.flatMap((role) => {
    const key = roleKey(role);
    const options = given.optionsOf(key);
    const plain = { key, ...build(policySet, role, options) };
    const isSensitive = isLocalitySensitive(policySet);
    const placed = [...given.places.of(key)].map(([at, place]) => ({
      ...(isSensitive ? build(policySet, role, { ...options, place }) : plain),
      key: at,
    }));
    return [plain, ...placed].map((each) => ({ role, ...each }));
  });
}

/** What would go if these were published, a sentence each. */
export function shrinksIn(built: readonly BuiltRole[], sink: SnapshotSink): readonly string[] {
  return built.flatMap(({ key, snapshot }) =>
    shrinksOf(sink.getSnapshot(key), snapshot).map(
      ({ typeUrl, before, removed }) =>
        `${key} would lose ${removed} of ${before} resources of type ${messageName(typeUrl)}`,
    ),
  );
}

export function publish(
  built: readonly BuiltRole[],
  policySet: PolicySet,
  to: { readonly sink: SnapshotSink; readonly origins: Origins; readonly spread: Spread },
): void {
  for (const { key, role, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    to.origins.note({ key, role }, published, policySet);
    to.sink.setSnapshot(key, snapshot, to.spread);
  }
}

function build(policySet: PolicySet, role: NodeRole, options: BuildOptions) {
  const resources = buildResources(policySet, role, options);
  return { resources, snapshot: createSnapshot(resources.map(encode)) };
}

function versionIn({ types }: Snapshot, { typeUrl, name }: EnvoyResource): string {
  return types.get(typeUrl)?.resources.get(name)?.version ?? "";
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
