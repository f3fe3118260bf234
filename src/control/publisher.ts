import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { messageName } from "../proto/type-url.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import type { Spread } from "../xds/canaries.ts";
import { shrinksOf } from "../xds/shrink.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`), shared by all Envoys of that role. A role that left
 * the intent keeps its last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot, spread: Spread): void;
  /** Changes that only some Envoys have. */
  canaries(): readonly unknown[];
  getSnapshot(key: string): Snapshot | undefined;
}

type OptionsOf = (key: string) => BuildOptions;

interface BuiltRole {
  readonly role: NodeRole;
  readonly resources: readonly EnvoyResource[];
  readonly snapshot: Snapshot;
}

/** Throws if one role cannot be built. */
export function buildRoles(
  policySet: PolicySet,
  roles: readonly NodeRole[],
  optionsOf: OptionsOf,
): readonly BuiltRole[] {
  return roles.map((role) => {
    const resources = buildResources(policySet, role, optionsOf(roleKey(role)));
    return { role, resources, snapshot: createSnapshot(resources.map(encode)) };
  });
}

/** What would go if these were published, a sentence each. */
export function shrinksIn(built: readonly BuiltRole[], sink: SnapshotSink): readonly string[] {
  return built.flatMap(({ role, snapshot }) => {
    const key = roleKey(role);
    const shrinks = shrinksOf(sink.getSnapshot(key), snapshot);
    return shrinks.map(
      ({ typeUrl, before, removed }) =>
        `${key} would lose ${removed} of ${before} resources of type ${messageName(typeUrl)}`,
    );
  });
}

export function publish(
  built: readonly BuiltRole[],
  policySet: PolicySet,
  to: { readonly sink: SnapshotSink; readonly origins: Origins; readonly spread: Spread },
): void {
  for (const { role, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    to.origins.note(role, published, policySet);
    to.sink.setSnapshot(roleKey(role), snapshot, to.spread);
  }
}

function versionIn({ types }: Snapshot, { typeUrl, name }: EnvoyResource): string {
  return types.get(typeUrl)?.resources.get(name)?.version ?? "";
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
