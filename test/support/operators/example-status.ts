import type { StatusDocument } from "../../../src/api/status-document.ts";
import { nodeDocument, statusDocument } from "../../api/documents.ts";
import { scopeEvidence } from "../../decide/evidence.ts";

type NodeDocument = StatusDocument["nodes"][number];

/** A mesh under a load that comes and goes every two minutes, at one second of it. The second Envoy refuses a listener. */
export function exampleStatus(second: number, nodes: number): StatusDocument {
  const load = Math.max(0.1, Math.sin((second / 120) * Math.PI) * 4 + 0.4 * Math.sin(second));
  const documents = Array.from({ length: nodes }, (_, at) => node(at, load));
  return statusDocument({
    nodes: documents,
    decisions: documents.slice(0, 40).map(({ id, evidence }) => {
      const scope = evidence!.scopes[0]!;
      const state = load > 1 ? ("saturated" as const) : ("healthy" as const);
      const shed = scope.tiers.reduce((sum, { shedRps }) => sum + shedRps, 0);
      const reason =
        state === "saturated"
          ? `${Math.round(shed)} requests/s were shed at a limit of ${scope.limit}`
          : `${Math.round(400 * load)} requests/s, none shed, ${scope.inflight} in flight of a limit of ${scope.limit}`;
      return {
        ...{ kind: "filter-bounds" as const, tick: second, node: id, scope: scope.scope },
        bounds: { min: 4, max: 1000, initial: 16 },
        ...{ state, reason, why: `Shedding ${scope.scope} on ${id} is ${state}: ${reason}.` },
        evidence: { ageMs: 300, windowMs: 5000, scope },
      };
    }),
  });
}

function node(at: number, load: number): NodeDocument {
  const { evidence, types } = nodeDocument();
  const offered = 400 * load;
  const limit = Math.round(16 + 3 * load);
  const tier = (name: string, share: number, kept: number) => {
    const rps = offered * share;
    const [admittedRps, shedRps] = [rps * kept, rps * (1 - kept)];
    return {
      ...{ tier: name, admittedRps, shedRps, wouldShedRps: 0 },
      ...{ admitted: 900, shed: 200, wouldShed: 0 },
    };
  };
  const over = Math.max(0, 1 - 1 / Math.max(1, load));
  const { scopes: _, ...rest } = evidence!;
  return nodeDocument({
    id: `edge-${at + 1}`,
    ...(at % 3 === 2 && { role: { role: "sidecar" as const, service: "checkout" } }),
    types:
      at === 1
        ? types.map((type) =>
            type.type === "LDS"
              ? {
                  ...{ type: "LDS", state: "REJECTED" as const, version: "0123456789abcdef" },
                  rejections: [
                    {
                      name: "edge_8443",
                      message:
                        "Failed to load private key from certs/edge.key: key does not fit the certificate",
                    },
                  ],
                }
              : type,
          )
        : types,
    evidence: {
      ...rest,
      scopes: [
        {
          ...scopeEvidence({ inflight: Math.min(limit, Math.round(8 * load)) }),
          ...{ limit, rttMs: 21 + 14 * load, completedRps: Math.min(400, offered) },
          tiers: [
            tier("critical", 0.1, 1),
            tier("default", 0.3, Math.max(0, 1 - over * 0.6)),
            tier("sheddable", 0.6, Math.max(0, 1 - over * 1.3)),
          ],
        },
      ],
      clusters: ["checkout.v41", "checkout.v42", "search.v7", "cart.v1"].map((cluster, which) => ({
        cluster,
        requestRps: (400 * load) / (which + 1),
        error5xxRps: which === 1 ? 4 * load : which === 2 ? 0.6 : 0,
        inflight: Math.round(6 * load),
        connections: 8,
      })),
    },
    accessLog: {
      ageMs: 400,
      clusters: [
        { cluster: "checkout.v41", sampled: 400, failed: 0, p50Ms: 18, p99Ms: 210 },
        { cluster: "checkout.v42", sampled: 40, failed: 2, p50Ms: 61, p99Ms: 1340 },
      ],
    },
  });
}
