import { Counter, Gauge, Registry } from "prom-client";
import type { StatusDocument } from "./api/status-document.ts";

/** Every metric of the control plane, declared once. Labels come from closed sets: nodes, types, scopes and tiers of the intent. */
const STATES = ["SYNCED", "STALE", "NOT SENT", "REJECTED"] as const;

export class Metrics {
  readonly registry: Registry = new Registry();
  readonly #on = { registers: [this.registry] };
  readonly pushes = new Counter({
    name: "qmesh_xds_pushes_total",
    help: "xDS responses sent",
    labelNames: ["type"],
    ...this.#on,
  });
  readonly nacks = new Counter({
    name: "qmesh_xds_nacks_total",
    help: "xDS responses refused by an Envoy",
    labelNames: ["type"],
    ...this.#on,
  });
  readonly intentLoads = new Counter({
    name: "qmesh_intent_loads_total",
    help: "Reads of the intent directory",
    labelNames: ["result"],
    ...this.#on,
  });
  readonly #connected = this.#gauge("qmesh_node_connected", "1 while the Envoy's stream is open", [
    "node",
  ]);
  readonly #sync = this.#gauge("qmesh_node_config_state", "1 for the state a resource type is in", [
    "node",
    "type",
    "state",
  ]);
  readonly #age = this.#gauge(
    "qmesh_evidence_age_seconds",
    "Time since the last report of an Envoy",
    ["node"],
  );
  readonly #limit = this.#gauge("qmesh_scope_limit_requests", "Concurrency limit found", [
    "node",
    "scope",
  ]);
  readonly #inflight = this.#gauge("qmesh_scope_inflight_requests", "Requests in flight", [
    "node",
    "scope",
  ]);
  readonly #tier = this.#gauge("qmesh_tier_requests_per_second", "Requests of a tier by verdict", [
    "node",
    "scope",
    "tier",
    "verdict",
  ]);

  /** Prometheus text of now. */
  async text(status: StatusDocument): Promise<string> {
    for (const gauge of [
      this.#connected,
      this.#sync,
      this.#age,
      this.#limit,
      this.#inflight,
      this.#tier,
    ])
      gauge.reset();
    for (const node of status.nodes) {
      this.#connected.set({ node: node.id }, node.connected ? 1 : 0);
      for (const { type, state } of node.types) {
        for (const each of STATES)
          this.#sync.set({ node: node.id, type, state: each }, each === state ? 1 : 0);
      }
      if (node.evidence !== undefined) this.#setEvidence(node.id, node.evidence);
    }
    return this.registry.metrics();
  }

  #setEvidence(
    node: string,
    { ageMs, scopes }: NonNullable<StatusDocument["nodes"][number]["evidence"]>,
  ): void {
    this.#age.set({ node }, ageMs / 1000);
    for (const { scope, limit, inflight, tiers } of scopes) {
      this.#limit.set({ node, scope }, limit);
      this.#inflight.set({ node, scope }, inflight);
      for (const { tier, admittedRps, shedRps, wouldShedRps } of tiers) {
        this.#tier.set({ node, scope, tier, verdict: "admitted" }, admittedRps);
        this.#tier.set({ node, scope, tier, verdict: "shed" }, shedRps);
        this.#tier.set({ node, scope, tier, verdict: "would_shed" }, wouldShedRps);
      }
    }
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
