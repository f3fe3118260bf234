import type { StatusDocument } from "../../src/api/status-document.ts";
import { nodeEvidence, scopeEvidence } from "../decide/evidence.ts";

type NodeDocument = StatusDocument["nodes"][number];

export function nodeDocument(parts: Partial<NodeDocument> = {}): NodeDocument {
  const {
    node: _,
    role: __,
    ...evidence
  } = nodeEvidence({
    scopes: [scopeEvidence({ admittedRps: 120, shedRps: 480, inflight: 16 })],
  });
  return {
    id: "edge-1",
    role: { role: "gateway", name: "edge" },
    connected: true,
    types: ["CDS", "EDS", "LDS", "RDS", "ECDS"].map((type) => ({
      ...{ type, state: "SYNCED" as const, version: "0123456789abcdef" },
      rejections: [],
    })),
    evidence,
    ...parts,
  };
}

export function statusDocument(parts: Partial<StatusDocument> = {}): StatusDocument {
  return {
    version: "0.1.0",
    started: "2026-01-02T03:04:05.678Z",
    intent: {
      digest: "ab".repeat(32),
      loadedAt: "2026-01-02T03:04:06.000Z",
      current: true,
      files: ["shop.yaml"],
      problems: [],
    },
    nodes: [nodeDocument()],
    decisions: [
      {
        ...{ kind: "filter-bounds", tick: 7, node: "edge-1", scope: "checkout" },
        bounds: { min: 4, max: 1000, initial: 16 },
        state: "saturated",
        reason: "480 of 600 requests/s were shed at a limit of 16",
        why: "Shedding checkout on edge-1 is saturated.",
        evidence: { ageMs: 300, windowMs: 5000, scope: scopeEvidence({ inflight: 16 }) },
      },
    ],
    ...parts,
  };
}
