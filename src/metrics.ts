import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { StatusDocument } from "./api/status-document.ts";

/**
 * Every metric of this program, declared once. What is a state of the mesh is read when Prometheus asks, from the same
 * document `GET /status` answers, so that the two never disagree and a node that is gone leaves no series behind. What
 * happens is counted when it happens. Labels come from node ids, types, and names of the intent; no label from traffic.
 */
export interface MeshState {
  readonly intent: Pick<StatusDocument["intent"], "held">;
  readonly nodes: StatusDocument["nodes"];
  readonly decisions: StatusDocument["decisions"];
  readonly rateLimits?: StatusDocument["rateLimits"];
  readonly withheld?: StatusDocument["withheld"];
  /** `EvidenceStore.dropped`. */
  readonly evidenceDropped: number;
}

export interface IntentRecorder {
  countLoad(result: "accepted" | "refused"): void;
}

/** `type`: `CDS` and the like. */
export interface XdsRecorder {
  countPush(type: string): void;
  countNack(type: string): void;
}

export interface TelemetryRecorder {
  /** A stream of metrics, load reports or access logs was ended for what it sent. */
  countRefusedStream(): void;
}

export interface RimRecorder {
  /** A connection or call was refused for the certificate it showed, or did not. */
  countRefused(): void;
}

export interface AlertRecorder {
  /** `adapter`: its name in the intent. */
  countNotification(adapter: string, result: "sent" | "retried" | "failed"): void;
}

export interface Metrics {
  /** For metrics that another part declares. */
  readonly registry: Registry;
  readonly contentType: string;
  /** Prometheus text. */
  text(): Promise<string>;
  readonly intent: IntentRecorder;
  readonly xds: XdsRecorder;
  readonly telemetry: TelemetryRecorder;
  readonly rim: RimRecorder;
  readonly alerts: AlertRecorder;
}

export function createMetrics(read: () => MeshState): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labels: string[] = []) =>
    new Counter({ name, help, labelNames: labels, registers: [registry] });
  const state = declareState(registry);
  const loads = counter("qmesh_intent_loads_total", "Reads of the intent", ["result"]);
  const pushes = counter("qmesh_xds_pushes_total", "Responses sent to Envoys", ["type"]);
  const nacks = counter("qmesh_xds_nacks_total", "Responses an Envoy refused", ["type"]);
  const told = counter("qmesh_notifications_total", "Tries to send an alert outside", [
    "adapter",
    "result",
  ]);
  const refused = counter(
    "qmesh_telemetry_refused_streams_total",
    "Streams of metrics, load reports or access logs ended because what they sent was malformed",
  );
  const strangers = counter(
    "qmesh_rim_refused_total",
    "Connections and calls at the ports for Envoys refused for the certificate they showed, or did not",
  );
  return {
    registry,
    contentType: registry.contentType,
    text: () => {
      setState(state, read());
      return registry.metrics();
    },
    intent: { countLoad: (result) => loads.inc({ result }) },
    xds: { countPush: (type) => pushes.inc({ type }), countNack: (type) => nacks.inc({ type }) },
    telemetry: { countRefusedStream: () => refused.inc() },
    rim: { countRefused: () => strangers.inc() },
    alerts: { countNotification: (adapter, result) => told.inc({ adapter, result }) },
  };
}

function declareState(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    connected: gauge("qmesh_node_connected", "1: an Envoy holds an xDS stream", ["node"]),
    config: gauge("qmesh_node_config_state", "1 for the state a resource type is in", [
      "node",
      "type",
      "state",
    ]),
    ageSeconds: gauge("qmesh_evidence_age_seconds", "Time since an Envoy last reported", ["node"]),
    limit: gauge("qmesh_scope_limit", "Concurrency limit the filter found, requests", SCOPE),
    inflight: gauge("qmesh_scope_inflight", "Requests in flight", SCOPE),
    requests: new Counter({
      name: "qmesh_tier_requests_total",
      help: "Requests by verdict, as the filter counts them; would_shed ones are also admitted",
      labelNames: [...SCOPE, "tier", "verdict"],
      registers,
    }),
    limited: new Counter({
      name: "qmesh_rate_limit_requests_total",
      help: "Requests by verdict of the rate-limit service; would_refuse ones are also admitted",
      labelNames: ["limit", "verdict"],
      registers,
    }),
    withheld: gauge("qmesh_xds_withheld", "1: Envoys of a role are kept from what one refused", [
      "role",
      "type",
      "resource",
      "document",
    ]),
    held: gauge("qmesh_intent_held", "1: a good set of intent waits for a person", []),
    decisions: gauge("qmesh_decisions", "Decisions of the newest tick", ["kind", "state"]),
    dropped: new Counter({
      name: "qmesh_evidence_dropped_total",
      help: "Samples and sources that found no room or were no number",
      registers,
    }),
  };
}

const SCOPE = ["node", "scope"];

/** All of them have a series: an alert needs the 0 before the 1. */
const SYNC_STATES = ["SYNCED", "STALE", "NOT SENT", "REJECTED"];

/** Cleared and set anew: what is gone leaves nothing behind. Counters take the totals of their source. */
function setState(state: ReturnType<typeof declareState>, mesh: MeshState): void {
  for (const metric of Object.values(state)) metric.reset();
  for (const node of mesh.nodes) setNode(state, node);
  for (const { kind, state: judged } of mesh.decisions)
    state.decisions.inc({ kind, state: judged });
  state.dropped.inc(mesh.evidenceDropped);
  state.held.set(mesh.intent.held === undefined ? 0 : 1);
  for (const { role, type, resource, documents } of mesh.withheld ?? []) {
    const names = documents.length === 0 ? [""] : documents.map(({ document }) => document);
    for (const document of names) state.withheld.set({ role, type, resource, document }, 1);
  }
  for (const { limit, admitted, refused, wouldRefuse } of mesh.rateLimits ?? []) {
    state.limited.inc({ limit, verdict: "admitted" }, admitted);
    state.limited.inc({ limit, verdict: "refused" }, refused);
    state.limited.inc({ limit, verdict: "would_refuse" }, wouldRefuse);
  }
}

function setNode(state: ReturnType<typeof declareState>, row: MeshState["nodes"][number]): void {
  const { id: node, connected, types, evidence } = row;
  state.connected.set({ node }, connected ? 1 : 0);
  for (const { type, state: held } of types) {
    for (const each of SYNC_STATES)
      state.config.set({ node, type, state: each }, each === held ? 1 : 0);
  }
  if (evidence === undefined) return;
  state.ageSeconds.set({ node }, evidence.ageMs / 1000);
  for (const { scope, limit, inflight, tiers } of evidence.scopes) {
    state.limit.set({ node, scope }, limit);
    state.inflight.set({ node, scope }, inflight);
    for (const { tier, admitted, shed, wouldShed } of tiers) {
      state.requests.inc({ node, scope, tier, verdict: "admitted" }, admitted);
      state.requests.inc({ node, scope, tier, verdict: "shed" }, shed);
      state.requests.inc({ node, scope, tier, verdict: "would_shed" }, wouldShed);
    }
  }
}
