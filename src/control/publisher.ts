import type { PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";

/**
 * Intent to snapshots: one per gateway, shared by all Envoys of that gateway. A gateway that left the intent keeps its
 * last snapshot: its Envoys go on serving until somebody ends them, and are shown as orphans.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot): void;
}

/** The snapshot key of an Envoy that says it runs this gateway. */
export function gatewayKey(name: string): string {
  return `gateway/${name}`;
}

export function publish(policySet: PolicySet, sink: SnapshotSink, options: BuildOptions): void {
  for (const { name } of policySet.gateways) {
    const resources = buildResources(policySet, { role: "gateway", name }, options);
    sink.setSnapshot(gatewayKey(name), createSnapshot(resources.map(encode)));
  }
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
