import { roleKey } from "../policy/node-role.ts";
import type { NodeRole, PolicySet } from "../policy/policy-set.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { type BuildOptions, buildResources } from "../resources/build.ts";
import { referencesOf } from "../resources/references.ts";
import type { EnvoyResource } from "../resources/resource.ts";
import { createSnapshot, type Snapshot } from "../xds/snapshot.ts";
import type { Origins } from "./origins.ts";

/**
 * Intent to snapshots: one per role (`gateway/edge`, `sidecar/checkout`), shared by all Envoys of that role, and one for each
 * cohort of a role. A role that left the intent keeps its last snapshot: its Envoys go on serving until somebody ends them.
 */
export interface SnapshotSink {
  setSnapshot(key: string, snapshot: Snapshot, from?: string): void;
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

/** All or nothing: a set that cannot be built throws before anything is published. */
export function publish(
  editions: readonly Edition[],
  { sink, origins }: { readonly sink: SnapshotSink; readonly origins: Origins },
): void {
  const built = editions.map((edition) => {
    const resources = buildResources(edition.policySet, edition.role, edition.options);
    return { ...edition, resources, snapshot: createSnapshot(resources.map(encode)) };
  });
  for (const { key, role, policySet, resources, snapshot } of built) {
    const published = resources.map((resource) => ({
      resource,
      version: versionIn(snapshot, resource),
    }));
    origins.note({ key, role }, published, policySet);
    const own = roleKey(role);
    sink.setSnapshot(key, snapshot, ...(key === own ? [] : [own]));
  }
}

function versionIn({ types }: Snapshot, { typeUrl, name }: EnvoyResource): string {
  return types.get(typeUrl)?.resources.get(name)?.version ?? "";
}

function encode(resource: EnvoyResource) {
  const { typeUrl, name, body } = resource;
  return { typeUrl, name, value: encodeJson(typeUrl, body), refs: referencesOf(resource) };
}
