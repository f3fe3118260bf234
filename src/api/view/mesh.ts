import { z } from "zod";
import { nodeSchema } from "../status-document.ts";

/** The mesh as Envoys report it: what `/status` holds, cut so that each screen asks for what it shows. */
export const syncState = z.enum(["SYNCED", "STALE", "NOT SENT", "REJECTED"]);

/** One row of the sync table. */
export const nodeView = z.object({
  id: z.string(),
  /** `gateway/edge`, `sidecar/checkout`; absent if the node has not said. */
  role: z.string().exactOptional(),
  connected: z.boolean(),
  /** The worst of its types; `NOT SENT` if it asked for none. */
  sync: syncState,
  types: nodeSchema.shape.types,
  /** Of its evidence; absent for a node that never was expected to report. */
  state: z.enum(["ok", "late", "blind"]).exactOptional(),
  ageMs: z.number().exactOptional(),
});

export const tierView = z.object({
  tier: z.string(),
  admittedRps: z.number(),
  shedRps: z.number(),
  wouldShedRps: z.number(),
});

/** A Shedding on one Envoy, and how it is judged. */
export const sheddingView = z.object({
  shedding: z.string(),
  node: z.string(),
  state: z.enum(["blind", "late", "idle", "failing", "saturated", "healthy"]),
  why: z.string(),
  bounds: z.object({ min: z.number(), max: z.number(), initial: z.number() }),
  limit: z.number().exactOptional(),
  inflight: z.number().exactOptional(),
  completedRps: z.number().exactOptional(),
  lostRps: z.number().exactOptional(),
  rttMs: z.number().exactOptional(),
  tiers: z.array(tierView).readonly(),
});

/** A cluster over all Envoys that have it. */
export const clusterView = z.object({
  cluster: z.string(),
  nodes: z.number(),
  requestRps: z.number(),
  error5xxRps: z.number(),
  inflight: z.number(),
  connections: z.number(),
  /** Of sampled requests, the slowest Envoy's. */
  p50Ms: z.number().exactOptional(),
  p99Ms: z.number().exactOptional(),
});

/** A change of how a Shedding is judged on one Envoy. */
export const judgementView = z.object({
  id: z.string(),
  at: z.string(),
  shedding: z.string(),
  node: z.string(),
  from: z.string().exactOptional(),
  to: sheddingView.shape.state,
  why: z.string(),
  limit: z.number().exactOptional(),
  inflight: z.number().exactOptional(),
});

export const historyView = z.object({
  /** Between two points. */
  stepSeconds: z.number(),
  /** Seconds of Unix time, rising. */
  times: z.array(z.number()).readonly(),
  series: z
    .array(
      z.object({
        /** `shedding/checkout/limit`, `shedding/checkout/tier/critical/shedRps`, `cluster/pay/requestRps`. */
        name: z.string(),
        /** As many as `times`; null: not known. */
        values: z.array(z.number().nullable()).readonly(),
      }),
    )
    .readonly(),
});

export type NodeView = z.infer<typeof nodeView>;
export type SheddingView = z.infer<typeof sheddingView>;
export type ClusterView = z.infer<typeof clusterView>;
export type JudgementView = z.infer<typeof judgementView>;
export type HistoryView = z.infer<typeof historyView>;
