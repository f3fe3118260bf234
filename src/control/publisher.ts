import type { PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";

/**
 * Intent to snapshots: one per gateway, shared by all Envoys of that gateway. A gateway that left the intent keeps its
 * last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot): void;
}

/** The snapshot key of an Envoy that says it runs this gateway. */
export function gatewayKey(name: string): string {
  return `gateway/${name}`;
}

/** All or nothing: a set that cannot be built throws before anything is published. */
export function publish(
  policySet: PolicySet,
  gateways: readonly string[],
  to: { readonly sink: SnapshotSink; readonly optionsOf: (gateway: string) => BuildOptions },
): void {
  const snapshots = gateways.map((name): [string, Snapshot] => {
    const role = { role: "gateway", name } as const;
    const resources = buildResources(policySet, role, to.optionsOf(name));
    return [gatewayKey(name), createSnapshot(resources.map(encode))];
  });
  for (const [key, snapshot] of snapshots) to.sink.setSnapshot(key, snapshot);
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
