import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`), shared by all Envoys of that role. A role that left
 * the intent keeps its last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot): void;
}

/** All or nothing: a set that cannot be built throws before anything is published. */
export function publish(
  policySet: PolicySet,
  roles: readonly NodeRole[],
  to: {
    readonly sink: SnapshotSink;
    readonly origins: Origins;
    readonly optionsOf: (key: string) => BuildOptions;
  },
): void {
  const built = roles.map((role) => {
    const resources = buildResources(policySet, role, to.optionsOf(roleKey(role)));
    return { role, resources, snapshot: createSnapshot(resources.map(encode)) };
  });
  for (const { role, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    to.origins.note(role, published, policySet);
    to.sink.setSnapshot(roleKey(role), snapshot);
  }
}

function versionIn({ types }: Snapshot, { typeUrl, name }: EnvoyResource): string {
  return types.get(typeUrl)?.resources.get(name)?.version ?? "";
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
