import { decodeJson } from "../../proto/decode-json.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  SECRET_TYPE,
} from "../../proto/type-url.ts";
import type { TypeStatus } from "../../xds/node-status.ts";
import type { XdsServer } from "../../xds/server.ts";
import { typeSnapshotOf, type VersionedResource } from "../../xds/snapshot.ts";
import type { ConfigType, ConfigView } from "../view/config.ts";

/** The snapshot of a node beside what it acknowledged, as the client status service tells it to other tools. */
const TYPE_URLS: Readonly<Record<ConfigType, string>> = {
  clusters: CLUSTER_TYPE,
  routes: ROUTE_TYPE,
  listeners: LISTENER_TYPE,
  endpoints: ENDPOINT_TYPE,
  secrets: SECRET_TYPE,
};

/** Undefined: no such node. */
export function configOf(
  xds: Pick<XdsServer, "status" | "getSnapshot">,
  nodeId: string,
  type: ConfigType,
): ConfigView | undefined {
  const node = xds.status().find((each) => each.nodeId === nodeId);
  if (node === undefined) return undefined;
  const typeUrl = TYPE_URLS[type];
  const snapshot = xds.getSnapshot(node.key);
  const held = node.types.find((each) => each.typeUrl === typeUrl);
  const wanted = snapshot === undefined ? undefined : typeSnapshotOf(snapshot, typeUrl);
  const resources = [...(wanted?.resources.values() ?? [])];
  return {
    node: nodeId,
    type,
    state: held?.state ?? "NOT SENT",
    ...(held?.wanted !== undefined && { wanted: held.wanted }),
    ...(held?.acked !== undefined && { acked: held.acked }),
    resources: resources.map((resource) => toResource(resource, held)),
  };
}

function toResource(
  { typeUrl, name, version, value, withheld }: VersionedResource,
  held: TypeStatus | undefined,
): ConfigView["resources"][number] {
  const refusal = held?.rejections.find((each) => each.name === name);
  const isRefused = refusal?.version === (withheld ?? version);
  return {
    name,
    version: withheld ?? version,
    state: isRefused ? "REJECTED" : withheld !== undefined ? "WITHHELD" : stateBeside(held),
    ...(refusal !== undefined && isRefused && { error: refusal.message }),
    ...(typeUrl !== SECRET_TYPE && { content: { ...decodeJson(typeUrl, value) } }),
  };
}

/** Only a type as a whole is known to be accepted. */
function stateBeside(held: TypeStatus | undefined): ConfigView["resources"][number]["state"] {
  if (held === undefined) return "NOT SENT";
  return held.state === "REJECTED" ? "UNKNOWN" : held.state;
}
