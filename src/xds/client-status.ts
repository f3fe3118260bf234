import type { PeerCertificate } from "node:tls";
import {
  type MethodDefinition,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { protoRoot } from "../proto/bundle.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { loadService } from "../proto/service.ts";
import { SECRET_TYPE } from "../proto/type-url.ts";
import type { XdsNode } from "./node.ts";
import { matchNodes, type NodeMatcher } from "./node-matcher.ts";
import type { NodeStatus, TypeStatus } from "./node-status.ts";
import { type Snapshot, typeSnapshotOf, type VersionedResource } from "./snapshot.ts";

/**
 * The client status discovery service: what each node should have and what it made of it, for the tools that already ask other
 * control planes. A resource is shown with the content it should have, of every type the node asked for. Only a
 * type as a whole is known to be accepted, so beside a refused resource the others of its type are UNKNOWN. Contents of
 * secrets are never shown. No time is told: here time is logical.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/status/v3/csds.proto
 */
export interface ClientStatusSource {
  status(): readonly NodeStatus[];
  getSnapshot(key: string): Snapshot | undefined;
  /** Why a peer of this certificate may not ask; absent: anyone may. */
  readonly authorizeAsker?: (certificate: PeerCertificate | undefined) => string | undefined;
}

const SERVICE = "envoy.service.status.v3.ClientStatusDiscoveryService";
const NODE = "envoy.config.core.v3.Node";

/** Nodes whose contents one answer holds: each may be a megabyte. */
const MAX_NODES_WITH_CONTENTS = 100;

/** `ConfigStatus` and `admin.v3.ClientResourceStatus`. */
const STATUS = {
  SYNCED: { config_status: 1, client_status: 3 },
  "NOT SENT": { config_status: 2, client_status: 1 },
  STALE: { config_status: 3, client_status: 1 },
  REJECTED: { config_status: 0, client_status: 0 },
} as const;
const REFUSED = { config_status: 4, client_status: 4 };

interface Request {
  readonly node_matchers: readonly NodeMatcher[];
  readonly exclude_resource_contents: boolean;
}

type Asker = Pick<ServerUnaryCall<Buffer, object>, "getAuthContext">;
type Fault = Pick<ServiceError, "code" | "details">;

export function addClientStatusService(server: Server, source: ClientStatusSource): void {
  const { StreamClientStatus, FetchClientStatus } = loadService(SERVICE);
  if (StreamClientStatus === undefined || FetchClientStatus === undefined)
    throw new Error(`invariant: ${SERVICE} lacks a method`);
  const answer = (bytes: Buffer, call: Asker): object | Fault => {
    const forbidden = source.authorizeAsker?.(call.getAuthContext().sslPeerCertificate);
    if (forbidden !== undefined) return { code: status.PERMISSION_DENIED, details: forbidden };
    const request = parse(() => FetchClientStatus.requestDeserialize(bytes) as Request);
    return request === undefined
      ? { code: status.INVALID_ARGUMENT, details: "the message is no ClientStatusRequest" }
      : answerTo(request, source);
  };
  server.addService(
    { StreamClientStatus: raw(StreamClientStatus), FetchClientStatus: raw(FetchClientStatus) },
    {
      StreamClientStatus: (call: ServerDuplexStream<Buffer, object>) => serve(call, answer),
      FetchClientStatus: (call: ServerUnaryCall<Buffer, object>, done: sendUnaryData<object>) => {
        const given = answer(call.request, call);
        if ("code" in given) done(given);
        else done(null, given);
      },
    },
  );
}

/** Requests stay bytes until they are read, so that malformed ones get a status and a sentence. */
function raw(method: MethodDefinition<object, object>): MethodDefinition<Buffer, object> {
  return {
    ...(method as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
}

function serve(
  call: ServerDuplexStream<Buffer, object>,
  answer: (bytes: Buffer, call: Asker) => object | Fault,
): void {
  let isEnded = false;
  call.on("data", (bytes: Buffer) => {
    if (isEnded) return;
    const given = answer(bytes, call);
    if (!("code" in given)) {
      call.write(given);
      return;
    }
    isEnded = true;
    call.emit("error", given);
  });
  call.on("end", () => call.end());
}

/** Bytes that do not parse make protobufjs throw errors of several kinds. */
function parse(read: () => Request): Request | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function answerTo(request: Request, source: ClientStatusSource): object | Fault {
  const nodes = matchNodes(source.status(), request.node_matchers);
  if (typeof nodes === "string") return { code: status.INVALID_ARGUMENT, details: nodes };
  const hasContents = !request.exclude_resource_contents;
  if (hasContents && nodes.length > MAX_NODES_WITH_CONTENTS) {
    const details = `${nodes.length} nodes match, above ${MAX_NODES_WITH_CONTENTS}: set exclude_resource_contents, or name fewer in node_matchers`;
    return { code: status.RESOURCE_EXHAUSTED, details };
  }
  return { config: nodes.map((node) => toConfig(node, source, hasContents)) };
}

function toConfig(node: NodeStatus, source: ClientStatusSource, hasContents: boolean): object {
  const snapshot = source.getSnapshot(node.key);
  const resources = node.types.flatMap((type) => {
    if (snapshot === undefined) return [];
    const wanted = [...typeSnapshotOf(snapshot, type.typeUrl).resources.values()];
    return wanted.map((resource) => toResource(resource, type, hasContents));
  });
  return { node: toNodeMessage(node.node), generic_xds_configs: resources };
}

function toResource(resource: VersionedResource, type: TypeStatus, hasContents: boolean): object {
  const { typeUrl, name, version, value } = resource;
  const refusal = type.rejections.find((each) => each.name === name && each.version === version);
  return {
    type_url: typeUrl,
    name,
    version_info: version,
    ...(hasContents && typeUrl !== SECRET_TYPE && { xds_config: { type_url: typeUrl, value } }),
    ...(refusal === undefined ? STATUS[type.state] : REFUSED),
    ...(refusal !== undefined && {
      error_state: { details: refusal.message, version_info: refusal.version },
    }),
  };
}

function toNodeMessage({ id, cluster, metadata, locality, userAgent }: XdsNode): object {
  const { region, zone, subZone } = locality;
  const bytes = encodeJson(NODE, {
    id,
    cluster,
    metadata,
    locality: { region, zone, sub_zone: subZone },
    user_agent_name: userAgent,
  });
  return protoRoot().lookupType(NODE).decode(bytes);
}
