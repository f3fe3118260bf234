import { z } from "zod";

/**
 * What `GET /status` and `GET /proxies` answer: the one shape that the server writes, the client checks and the tables
 * show. Times are ISO 8601, ages milliseconds, rates per second. A reader ignores fields it does not know, so that an
 * older `qmesh` can ask a newer control plane.
 */
const typeSchema = z.object({
  /** `CDS`, `EDS`, `LDS`, `RDS`, `ECDS` ..., for a type without such a name the type itself. */
  type: z.string(),
  state: z.enum(["SYNCED", "STALE", "NOT SENT", "REJECTED"]),
  /** Newest version of which the node holds everything it asked for. */
  version: z.string().exactOptional(),
  /** What the node refuses, in its own words. */
  rejections: z.array(z.object({ name: z.string(), message: z.string() })).readonly(),
});

const roleSchema = z.discriminatedUnion("role", [
  z.object({ role: z.literal("gateway"), name: z.string() }),
  z.object({ role: z.literal("sidecar"), service: z.string() }),
]);

const proxySchema = z.object({
  id: z.string(),
  /** Absent if the node has not said. */
  role: roleSchema.exactOptional(),
  /** It holds an xDS stream. */
  connected: z.boolean(),
  types: z.array(typeSchema).readonly(),
  /** What its bootstrap says wrong, rests of sentences about it; absent: nothing. */
  faults: z.array(z.string()).readonly().exactOptional(),
});

const tierSchema = z.object({
  tier: z.string(),
  admittedRps: z.number(),
  shedRps: z.number(),
  wouldShedRps: z.number(),
  admitted: z.number(),
  shed: z.number(),
  wouldShed: z.number(),
});

const scopeSchema = z.object({
  scope: z.string(),
  inflight: z.number(),
  limit: z.number(),
  completedRps: z.number(),
  lostRps: z.number(),
  rttMs: z.number().exactOptional(),
  tiers: z.array(tierSchema).readonly(),
});

const evidenceSchema = z.object({
  hasReported: z.boolean(),
  state: z.enum(["ok", "late", "blind"]),
  ageMs: z.number(),
  windowMs: z.number(),
  scopes: z.array(scopeSchema).readonly(),
  filter: z.object({
    isHeard: z.boolean(),
    internalErrors: z.number(),
    untracked: z.number(),
    isLocal: z.boolean(),
  }),
  clusters: z
    .array(
      z.object({
        cluster: z.string(),
        requestRps: z.number(),
        error5xxRps: z.number(),
        inflight: z.number(),
        connections: z.number(),
      }),
    )
    .readonly(),
});

const problemSchema = z.object({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  file: z.string(),
  line: z.number(),
  document: z.string(),
  path: z.string(),
  message: z.string(),
});

export const intentSchema = z.object({
  /** Of the set in force, which is the last good one; absent until one loaded. */
  digest: z.string().exactOptional(),
  /** When the set in force was loaded. */
  loadedAt: z.string().exactOptional(),
  /** Whether the set in force is what the files hold now. */
  current: z.boolean(),
  files: z.array(z.string()).readonly(),
  /** Of the newest read. */
  problems: z.array(problemSchema).readonly(),
  /** Why a good set could not be published. */
  failure: z.string().exactOptional(),
  /** A good set that waits for a person, because of what it would do; the one before stays in force. */
  held: z
    .object({
      digest: z.string(),
      by: z.enum(["shrink", "canaries"]),
      why: z.array(z.string()).readonly(),
    })
    .exactOptional(),
});

const decisionSchema = z.object({
  kind: z.literal("filter-bounds"),
  tick: z.number(),
  node: z.string(),
  scope: z.string(),
  bounds: z.object({ min: z.number(), max: z.number(), initial: z.number() }),
  state: z.enum(["blind", "late", "idle", "failing", "saturated", "healthy"]),
  reason: z.string(),
  /** The decision in whole sentences. */
  why: z.string(),
  evidence: z.object({
    ageMs: z.number(),
    windowMs: z.number(),
    scope: scopeSchema.exactOptional(),
  }),
});

export const rateLimitSchema = z.object({
  limit: z.string(),
  mode: z.enum(["off", "shadow", "enforce"]),
  admitted: z.number(),
  refused: z.number(),
  wouldRefuse: z.number(),
});

const withheldSchema = z.object({
  /** `gateway/edge`: all Envoys of this role are kept from it. */
  role: z.string(),
  /** `CDS` and the like. */
  type: z.string(),
  resource: z.string(),
  /** The Envoy that refused it, and its words. */
  node: z.string(),
  message: z.string(),
  /** Whether Envoys hold, or get, an earlier version of it in its place. */
  hasLastGood: z.boolean(),
  /** What it was made of; of several, those that changed since. */
  documents: z
    .array(
      z.object({
        document: z.string(),
        file: z.string().exactOptional(),
        line: z.number().exactOptional(),
      }),
    )
    .readonly(),
});

/** A change that only some Envoys of a role have yet. */
const canarySchema = z.object({
  /** `gateway/edge` */
  role: z.string(),
  /** Envoys that have it first. */
  nodes: z.array(z.string()).readonly(),
  /** Envoys of the role when it began. */
  of: z.number(),
  ageMs: z.number(),
});

const loadReportsSchema = z.object({
  ageMs: z.number(),
  loads: z
    .array(
      z.object({
        cluster: z.string(),
        region: z.string(),
        zone: z.string(),
        issued: z.number(),
        succeeded: z.number(),
        failed: z.number(),
        inflight: z.number(),
        issuedRps: z.number(),
        failedRps: z.number(),
      }),
    )
    .readonly(),
});

const accessLogSchema = z.object({
  ageMs: z.number(),
  clusters: z
    .array(
      z.object({
        cluster: z.string(),
        sampled: z.number(),
        failed: z.number(),
        p50Ms: z.number().exactOptional(),
        p99Ms: z.number().exactOptional(),
      }),
    )
    .readonly(),
});

/** Absent: never heard of. */
const ageSeconds = z.number().exactOptional();
const signalState = z.enum(["ok", "late", "blind"]);

/** What the engine judges by, and how fresh it is. */
const telemetrySchema = z.object({
  services: z
    .array(
      z.object({
        service: z.string(),
        state: signalState,
        ageSeconds,
        /** Who counts its requests: `metrics`, `load reports`, `access log`. */
        sources: z
          .array(z.object({ source: z.string(), state: signalState, ageSeconds }))
          .readonly(),
      }),
    )
    .readonly(),
  signals: z
    .array(
      z.object({
        name: z.string(),
        state: signalState,
        ageSeconds,
        value: z.number().exactOptional(),
      }),
    )
    .readonly(),
  /** Sentences: two sources that should say the same and do not. */
  disagreements: z.array(z.string()).readonly(),
  /** Observations that found no room under a name of their own. */
  refused: z.number(),
});

/** What a node never sent is absent. */
export const nodeSchema = proxySchema.extend({
  evidence: evidenceSchema.exactOptional(),
  loadReports: loadReportsSchema.exactOptional(),
  /** Of a sample of the requests. */
  accessLog: accessLogSchema.exactOptional(),
});

export const proxiesSchema = z.object({
  nodes: z.array(proxySchema).readonly(),
  withheld: z.array(withheldSchema).readonly().exactOptional(),
  canaries: z.array(canarySchema).readonly().exactOptional(),
});

export const statusSchema = z.object({
  version: z.string(),
  /** When this control plane started. */
  started: z.string(),
  intent: intentSchema,
  /** By id; `evidence` is absent for a node that never was expected to report. */
  nodes: z.array(nodeSchema).readonly(),
  decisions: z.array(decisionSchema).readonly(),
  /** Limits of scope global, counted here; absent from an older control plane. */
  rateLimits: z.array(rateLimitSchema).readonly().exactOptional(),
  /** Absent from an older control plane. */
  telemetry: telemetrySchema.exactOptional(),
  /** What Envoys are kept from since one of them refused it; absent from an older control plane. */
  withheld: z.array(withheldSchema).readonly().exactOptional(),
  /** Changes under trial; absent from an older control plane. */
  canaries: z.array(canarySchema).readonly().exactOptional(),
});

export type StatusDocument = z.infer<typeof statusSchema>;
export type ProxiesDocument = z.infer<typeof proxiesSchema>;
export type ProxyDocument = z.infer<typeof proxySchema>;
