import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { isLocalitySensitive } from "../resources/locality-rank.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";
import type { Places } from "./places.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`) and place its Envoys are at, shared by all of them. A role that left
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
    readonly places: Places;
    readonly optionsOf: (key: string) => BuildOptions;
  },
): void {
  const built = roles.flatMap((role) => {
    const key = roleKey(role);
    const options = to.optionsOf(key);
    const plain = { key, ...build(policySet, role, options) };
    const isSensitive = isLocalitySensitive(policySet);
    const placed = [...to.places.of(key)].map(([at, place]) => ({
      ...(isSensitive ? build(policySet, role, { ...options, place }) : plain),
      key: at,
    }));
    return [plain, ...placed].map((each) => ({ role, ...each }));
  });
  for (const { key, role, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    to.origins.note({ key, role }, published, policySet);
    to.sink.setSnapshot(key, snapshot);
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
