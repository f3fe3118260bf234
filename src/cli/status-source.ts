import type { LimitCount } from "../adapters/rate-limiter.ts";
import { discoveryName, toNodeDocuments } from "../api/node-document.ts";
import type { StatusDocument } from "../api/status-document.ts";
import { roleOfKey } from "../control/cohorts.ts";
import type { ControlLoop } from "../control/loop.ts";
import { decide, explain } from "../decide/decide.ts";
import type { NodeAccess } from "../evidence/access-samples.ts";
import type { NodeLoads } from "../evidence/load-reports.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import type { NodeRole } from "../policy/node-role.ts";
import { roleFault, roleKey } from "../policy/node-role.ts";
import type { WithheldFrom, XdsNode, XdsServer } from "../xds/server.ts";
import { packageVersion } from "./package-files.ts";

/** What the parts know, put together for `/status`. */
export function buildStatus(parts: {
  readonly started: string;
  readonly loadedAt: string | undefined;
  readonly loop: ControlLoop;
  readonly xds: Pick<XdsServer, "status" | "withheld" | "canaries">;
  readonly evidence: EvidenceSnapshot;
  readonly loads: readonly NodeLoads[];
  readonly accesses: readonly NodeAccess[];
  readonly rateLimits: readonly LimitCount[];
  readonly telemetry: NonNullable<StatusDocument["telemetry"]>;
}): StatusDocument {
  const { started, loadedAt, loop, xds, evidence, rateLimits, telemetry, ...heard } = parts;
  const { intent, policySet, effective, failure, held } = loop;
  const decisions = effective === undefined ? [] : decide(effective, evidence, 0);
  return {
    version: packageVersion,
    started,
    intent: {
      ...(policySet !== undefined && { digest: policySet.digest }),
      ...(loadedAt !== undefined && { loadedAt }),
      current: intent?.current === true && failure === undefined && held === undefined,
      files: intent?.files ?? [],
      problems: intent?.problems ?? [],
      ...(failure !== undefined && { failure }),
      ...(held !== undefined && { held }),
    },
    nodes: toNodeDocuments({
      ...{ status: xds.status(), evidence, ...heard, roleOf },
      faultOf: (role) => roleFault(role, policySet),
    }),
    decisions: decisions.map((decision) => ({ ...decision, why: explain(decision) })),
    rateLimits,
    telemetry,
    withheld: xds.withheld().map((one) => toWithheldDocument(one, loop)),
    canaries: xds.canaries().map(({ key, canaries, of, sinceMs }) => ({
      role: key,
      nodes: [...canaries],
      of,
      ageMs: evidence.nowMs - sinceMs,
    })),
  };
}

/** What Envoys are kept from, by the documents it was made of. */
export function toWithheldDocument(
  withheld: WithheldFrom,
  loop: Pick<ControlLoop, "documentsOf">,
): NonNullable<StatusDocument["withheld"]>[number] {
  const { key, typeUrl, name, nodeId, message, lastGood } = withheld;
  return {
    role: roleOfKey(key),
    type: discoveryName(typeUrl),
    resource: name,
    node: nodeId,
    message,
    hasLastGood: lastGood !== undefined,
    documents: loop.documentsOf(withheld),
  };
}

/** What an Envoy says it is, in `node.metadata.qmesh` of its bootstrap. */
export function roleOf(node: XdsNode): NodeRole | undefined {
  const said = node.metadata.qmesh as
    | { readonly role?: unknown; readonly name?: unknown; readonly service?: unknown }
    | undefined;
  if (said?.role === "gateway" && typeof said.name === "string") {
    return { role: "gateway", name: said.name };
  }
  if (said?.role === "sidecar" && typeof said.service === "string") {
    return { role: "sidecar", service: said.service };
  }
  return undefined;
}

/** `gateway/edge`, the key of the snapshot it gets; undefined if it has not said what it is. */
export function keyOf(node: XdsNode): string | undefined {
  const role = roleOf(node);
  return role === undefined ? undefined : roleKey(role);
}
