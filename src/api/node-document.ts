import type { NodeAccess } from "../evidence/access-samples.ts";
import type { NodeLoads } from "../evidence/load-reports.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { parseRole } from "../policy/node-role.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  messageName,
  ROUTE_TYPE,
  RUNTIME_TYPE,
  SECRET_TYPE,
} from "../proto/type-url.ts";
import type { NodeStatus, TypeStatus } from "../xds/node-status.ts";
import type { ProxyDocument, StatusDocument } from "./status-document.ts";

/**
 * One row a node, of what the transport and the evidence know of it. A node only one of them knows is a row too: an
 * Envoy that reports without asking for configuration is worth seeing.
 */
const DISCOVERY_NAMES: Readonly<Record<string, string>> = {
  [CLUSTER_TYPE]: "CDS",
  [ENDPOINT_TYPE]: "EDS",
  [LISTENER_TYPE]: "LDS",
  [ROUTE_TYPE]: "RDS",
  [EXTENSION_CONFIG_TYPE]: "ECDS",
  [SECRET_TYPE]: "SDS",
  [RUNTIME_TYPE]: "RTDS",
};

type NodeDocument = StatusDocument["nodes"][number];

export interface NodeSources {
  readonly status: readonly NodeStatus[];
  readonly evidence: EvidenceSnapshot;
  readonly loads?: readonly NodeLoads[];
  readonly accesses?: readonly NodeAccess[];
  /** Undefined if the node has not said what it is. */
  readonly roleOf: (node: NodeStatus["node"]) => NodeRole | undefined;
  /** What of its role is wrong; absent: nothing ever is. */
  readonly faultOf?: (role: NodeRole | undefined) => string | undefined;
}

/** By id. */
export function toNodeDocuments(sources: NodeSources): NodeDocument[] {
  const { status, evidence, loads = [], accesses = [], roleOf, faultOf } = sources;
  const known = new Map<string, NodeDocument>();
  for (const { nodeId, node, isConnected, streams, types } of status) {
    const role = roleOf(node);
    const faults = [isConnected ? faultOf?.(role) : undefined, twinFault(streams)].filter(
      (fault) => fault !== undefined,
    );
    known.set(nodeId, {
      id: nodeId,
      ...(role !== undefined && { role }),
      connected: isConnected,
      types: types.map(toTypeDocument),
      ...(faults.length > 0 && { faults }),
    });
  }
  for (const { node, role: key = "", ...heard } of evidence.nodes) {
    const role = parseRole(key);
    const row = known.get(node) ?? {
      id: node,
      ...(role !== undefined && { role }),
      connected: false,
      types: [],
    };
    known.set(node, { ...row, evidence: heard });
  }
  for (const { node, ...heard } of loads) add(known, node, { loadReports: heard });
  for (const { node, ...heard } of accesses) add(known, node, { accessLog: heard });
  return [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Envoy asks for everything on one stream, so there are as many Envoys; one that just came back may be two for a moment. */
function twinFault(streams: number): string | undefined {
  return streams > 1 ? `is the id of ${streams} Envoys: give each one of its own` : undefined;
}

function add(known: Map<string, NodeDocument>, id: string, part: Partial<NodeDocument>): void {
  known.set(id, { ...(known.get(id) ?? { id, connected: false, types: [] }), ...part });
}

/** `CDS` and the like; for a type without such a name its own. */
export function discoveryName(typeUrl: string): string {
  return DISCOVERY_NAMES[typeUrl] ?? messageName(typeUrl);
}

function toTypeDocument(type: TypeStatus): ProxyDocument["types"][number] {
  return {
    type: discoveryName(type.typeUrl),
    state: type.state,
    ...(type.acked !== undefined && { version: type.acked }),
    rejections: type.rejections.map(({ name, message }) => ({ name, message })),
  };
}
