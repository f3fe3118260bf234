import type { NodeRow, StatusDocument, TypeRow } from "../api/status-document.ts";
import type { ControlLoop } from "../control/loop.ts";
import { decide } from "../decide/decide.ts";
import { explain } from "../decide/explain.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "../proto/type-url.ts";
import type { TypeStatus, XdsServer } from "../xds/server.ts";
import { packageVersion } from "./package-files.ts";

/** What the parts know, put together for `/status`. */
export function buildStatus(parts: {
  started: string;
  loop: ControlLoop;
  xds: Pick<XdsServer, "status">;
  evidence: EvidenceSnapshot;
}): StatusDocument {
  const { started, loop, xds, evidence } = parts;
  const { intent, policySet, failure } = loop;
  const byNode = new Map(evidence.nodes.map((node) => [node.node, node]));
  const nodes = xds.status().map((status): NodeRow => {
    const heard = byNode.get(status.nodeId);
    return {
      id: status.nodeId,
      key: status.key,
      connected: status.isConnected,
      types: status.types.map(typeRow),
      ...(heard !== undefined && { evidence: heard }),
    };
  });
  const decisions = policySet === undefined ? [] : decide(policySet, evidence);
  return {
    version: packageVersion,
    started,
    intent: {
      ...(policySet !== undefined && { digest: policySet.digest }),
      current: intent?.current === true && failure === undefined,
      files: intent?.files ?? [],
      problems: intent?.problems ?? [],
      ...(failure !== undefined && { failure }),
    },
    nodes,
    decisions: decisions.map((decision) => ({
      node: decision.node,
      scope: decision.scope,
      state: decision.state,
      why: explain(decision),
    })),
  };
}

function typeRow({ typeUrl, state, acked, rejections }: TypeStatus): TypeRow {
  return {
    type: shortType(typeUrl),
    state,
    ...(acked !== undefined && { version: acked }),
    rejections: rejections.map(({ name, version, message }) => ({ name, version, message })),
  };
}

const SHORT: Readonly<Record<string, string>> = {
  [CLUSTER_TYPE]: "CDS",
  [ENDPOINT_TYPE]: "EDS",
  [LISTENER_TYPE]: "LDS",
  [ROUTE_TYPE]: "RDS",
  [EXTENSION_CONFIG_TYPE]: "ECDS",
};

/** CDS for a cluster's type URL, and so on; another type keeps its message name. */
export function shortType(typeUrl: string): string {
  return SHORT[typeUrl] ?? typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
}
