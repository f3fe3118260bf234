import type { StatusDocument } from "./status-document.ts";
import type { ClusterView, NodeView, SheddingView } from "./view/mesh.ts";

/** `/status` cut into the lists the screens show. Pure. */
type NodeDocument = StatusDocument["nodes"][number];

/** The worst first. */
const WORST = ["REJECTED", "STALE", "NOT SENT", "SYNCED"] as const;

/** By id. */
export function nodeViews({ nodes }: StatusDocument): NodeView[] {
  return nodes.map(({ id, role, connected, types, evidence }) => ({
    id,
    ...(role !== undefined && {
      role: role.role === "gateway" ? `gateway/${role.name}` : `sidecar/${role.service}`,
    }),
    connected,
    sync: WORST.find((state) => types.some((type) => type.state === state)) ?? "NOT SENT",
    types,
    ...(evidence !== undefined && { state: evidence.state, ageMs: evidence.ageMs }),
  }));
}

/** By node, then name. */
export function sheddingViews({ decisions }: StatusDocument): SheddingView[] {
  return decisions.map(({ node, scope, state, why, bounds, evidence }) => {
    const { limit, inflight, completedRps, lostRps, rttMs, tiers = [] } = evidence.scope ?? {};
    return {
      shedding: scope,
      node,
      state,
      why,
      bounds,
      ...(evidence.scope !== undefined && { limit, inflight, completedRps, lostRps }),
      ...(rttMs !== undefined && { rttMs }),
      tiers: tiers.map(({ tier, admittedRps, shedRps, wouldShedRps }) => ({
        ...{ tier, admittedRps, shedRps, wouldShedRps },
      })),
    } as SheddingView;
  });
}

/** By name. */
export function clusterViews({ nodes }: StatusDocument): ClusterView[] {
  const known = new Map<string, ClusterView>();
  for (const { evidence } of nodes) {
    for (const { cluster, ...rates } of evidence?.clusters ?? []) {
      const sum = known.get(cluster) ?? { cluster, nodes: 0, ...NOTHING };
      known.set(cluster, {
        ...sum,
        nodes: sum.nodes + 1,
        requestRps: sum.requestRps + rates.requestRps,
        error5xxRps: sum.error5xxRps + rates.error5xxRps,
        inflight: sum.inflight + rates.inflight,
        connections: sum.connections + rates.connections,
      });
    }
  }
  for (const node of nodes) addTimes(known, node);
  return [...known.values()].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

const NOTHING = { requestRps: 0, error5xxRps: 0, inflight: 0, connections: 0 };

function addTimes(known: Map<string, ClusterView>, { accessLog }: NodeDocument): void {
  for (const { cluster, p50Ms, p99Ms } of accessLog?.clusters ?? []) {
    const row = known.get(cluster);
    if (row === undefined) continue;
    known.set(cluster, {
      ...row,
      ...(p50Ms !== undefined && { p50Ms: Math.max(p50Ms, row.p50Ms ?? 0) }),
      ...(p99Ms !== undefined && { p99Ms: Math.max(p99Ms, row.p99Ms ?? 0) }),
    });
  }
}
