import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";

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
  to: { readonly sink: SnapshotSink; readonly optionsOf: (key: string) => BuildOptions },
): void {
  const snapshots = roles.map((role): [string, Snapshot] => {
    const key = roleKey(role);
    const resources = buildResources(policySet, role, to.optionsOf(key));
    return [key, createSnapshot(resources.map(encode))];
  });
  for (const [key, snapshot] of snapshots) to.sink.setSnapshot(key, snapshot);
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
