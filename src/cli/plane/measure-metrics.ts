import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { costRows } from "../../api/model/cost.ts";
import { serviceViews } from "../../api/model/services.ts";
import { LATENCY_STAGES, MeasureReader, MITIGATION_OUTCOMES } from "../../audit/measures.ts";
import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import { nowMs } from "./clock.ts";
import type { Part } from "./parts.ts";

/**
 * M1 to M10 and the loop's own time on `/metrics`. Records are counted as they are written, by the reader `qmesh report` uses
 * on the log; what services do is read when Prometheus asks. Labels are names of the intent and words of closed lists.
 */
export interface MeasureSources {
  readonly policySet: () => PolicySet | undefined;
  readonly evidence: () => Evidence;
  /** Monotonic ms at which each Envoy that is known last took something. */
  readonly heldSince: () => ReadonlyMap<string, number>;
}

export interface MeasureMetrics {
  readonly part: Part;
  /** A turn of the engine, in seconds. */
  noteTurn(seconds: number): void;
}

/** Decisions are meant to be below 2 s, and must be below 30. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];
const REVERT_BUCKETS = [1, 5, 10, 30, 60, 120, 300, 600, 1800];

export function declareMeasures(registry: Registry, sources: MeasureSources): MeasureMetrics {
  const registers = [registry];
  declareServiceGauges(registry, sources);
  const told = declareRecordMetrics(registry);
  const good = counter("qmesh_sli_good_total", "M1: requests answered without 5xx", ["service"]);
  const all = counter("qmesh_sli_requests_total", "M1: requests", ["service"]);
  const turns = new Histogram({
    name: "qmesh_loop_turn_seconds",
    help: "Turn of the engine, with its writing down",
    buckets: BUCKETS,
    registers,
  });
  let turnedMs = nowMs();
  new Gauge({
    name: "qmesh_loop_age_seconds",
    help: "Time since the engine's last turn",
    registers,
    collect() {
      this.set((nowMs() - turnedMs) / 1000);
    },
  });
  const reader = new MeasureReader();
  let countedTick = 0;
  return {
    noteTurn: (seconds) => {
      turnedMs = nowMs();
      turns.observe(seconds);
    },
    part: {
      onRecords: (records) => {
        for (const record of records)
          for (const reading of reader.read(record)) told.count(reading);
      },
      tick: () => {
        const evidence = sources.evidence();
        if (evidence.tick === countedTick) return;
        const seconds = countedTick === 0 ? 1 : Math.min(evidence.tick - countedTick, 60);
        countedTick = evidence.tick;
        for (const service of evidence.services) {
          const { requests, errors } = evidence.countsOf({ service }, seconds);
          all.inc({ service }, requests);
          good.inc({ service }, requests - errors);
        }
      },
    },
  };

  function counter(name: string, help: string, labelNames: string[]) {
    return new Counter({ name, help, labelNames, registers });
  }
}

function declareServiceGauges(registry: Registry, sources: MeasureSources): void {
  const { policySet, evidence, heldSince } = sources;
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    fill: (to: Gauge<string>) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        fill(this);
      },
    });
  const views = () => {
    const set = policySet();
    return set === undefined ? [] : serviceViews(set, evidence());
  };
  gauge("qmesh_latency_p95_seconds", "M2: P95 of the last minute", ["service"], (to) => {
    for (const { name, p95Ms } of views())
      if (p95Ms !== undefined) to.set({ service: name }, p95Ms / 1000);
  });
  gauge("qmesh_burn_rate", "M3: 1 spends the budget in its window", ["slo", "window"], (to) => {
    for (const { objectives } of views())
      for (const { name, burns } of objectives)
        for (const { windowSeconds, burn } of burns)
          if (burn !== undefined) to.set({ slo: name, window: `${windowSeconds}s` }, burn);
  });
  gauge("qmesh_error_budget_left_ratio", "M3: below 0 once it is spent", ["slo"], (to) => {
    for (const { objectives } of views())
      for (const { name, budgetLeft } of objectives)
        if (budgetLeft !== undefined) to.set({ slo: name }, budgetLeft);
  });
  gauge("qmesh_cost_per_request", "M8: in the unit of the bill", ["service", "unit"], (to) => {
    const set = policySet();
    const rows = set === undefined ? [] : costRows(set, evidence());
    for (const { name, unit, value } of rows)
      if (value !== null) to.set({ service: name, unit }, value);
  });
  gauge("qmesh_node_config_age_seconds", "Since it last took something", ["node"], (to) => {
    for (const [node, sinceMs] of heldSince()) to.set({ node }, (nowMs() - sinceMs) / 1000);
  });
}

type Reading = ReturnType<MeasureReader["read"]>[number];

function declareRecordMetrics(registry: Registry): { count(reading: Reading): void } {
  const registers = [registry];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: [label], registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, labelNames: ["stage"], buckets, registers });
  const latency = histogram("qmesh_decision_latency_seconds", "M4: by stage", BUCKETS);
  const outcomes = counter("qmesh_mitigations_total", "M5: what came of actions", "outcome");
  const moves = counter("qmesh_knob_moves_total", "M6: moves by policies", "knob");
  const labels = counter("qmesh_alert_labels_total", "M7: what people said", "actionable");
  const reverts = histogram("qmesh_revert_seconds", "M9: by stage", REVERT_BUCKETS);
  const denied = counter("qmesh_guardrail_violations_total", "M10: denied", "guardrail");
  // An alert needs the 0 before the 1.
  for (const outcome of MITIGATION_OUTCOMES) outcomes.inc({ outcome }, 0);
  for (const actionable of ["yes", "no"]) labels.inc({ actionable }, 0);
  for (const stage of LATENCY_STAGES) latency.zero({ stage });
  for (const stage of ["detect", "apply"]) reverts.zero({ stage });
  return {
    count: (reading) => {
      switch (reading.measure) {
        case "M4":
          return latency.observe({ stage: reading.stage }, reading.seconds);
        case "M5":
          return outcomes.inc({ outcome: reading.outcome });
        case "M6":
          return moves.inc({ knob: reading.knob });
        case "M7":
          return labels.inc({ actionable: reading.actionable });
        case "M9":
          return reverts.observe({ stage: reading.stage }, reading.seconds);
        case "M10":
          return denied.inc({ guardrail: reading.guardrail });
      }
    },
  };
}
