import type { AuditRecord } from "../../src/audit/record.ts";
import { record } from "./records.ts";

/**
 * A canary that is worse: held while its telemetry is late, rolled back on one Envoy of two, then everywhere; a shedding that
 * did harm and was taken back; a shift that a guardrail refused; a person who stepped in. Around it what is not part of it.
 */
type Part = Partial<AuditRecord> & Pick<AuditRecord, "kind">;

const at = (tick: number, id: string, part: Part) => record(tick, { id, body: {}, ...part });
const SHED = { kind: "Shedding", name: "checkout" };

export const RECORDS: readonly AuditRecord[] = [
  at(0, "i-1", { kind: "intent", actor: "ana", body: { because: "v42 to 10 %", action: "apply" } }),
  at(5, "d-other", { kind: "decision", subject: { kind: "Policy", name: "batch" } }),
  at(30, "d-1", {
    kind: "decision",
    body: {
      because: ["hold: the errors of v42 are late", "2 of 400 requests failed"],
      evidence: [{ signal: "checkout errors v42", state: "late", ageSeconds: 12, window: "60 s" }],
      causes: ["i-1"],
    },
  }),
  at(60, "d-2", {
    kind: "decision",
    body: {
      because:
        "v42 is worse: relative risk 9.8, P(worse) 0.9991; runner-up hold, flips below 31 errors",
      evidence: [
        { signal: "checkout errors v42", value: 0.0214285714, threshold: 0.002, window: "60 s" },
        { signal: "checkout errors v41", value: 0.0021, query: 'rate(errors[1m]) | by "v41"' },
      ],
      causes: ["i-1", "d-1"],
    },
  }),
  at(61, "a-1", {
    kind: "action",
    body: {
      action: { rollback: true, weights: { v41: 100, v42: 0 } },
      wayBack: { weights: { v41: 90, v42: 10 } },
      causes: ["d-2"],
    },
  }),
  at(63, "o-1", {
    kind: "outcome",
    body: {
      outcome: { result: "partial", nodes: "edge-1 refused RouteConfiguration" },
      causes: ["a-1"],
    },
  }),
  at(75, "a-2", {
    kind: "action",
    subject: SHED,
    body: { action: { shed: { max: 40 } }, wayBack: "limit of the intent", causes: ["d-2"] },
  }),
  at(80, "r-1", {
    kind: "refusal",
    subject: { kind: "Service", name: "checkout" },
    body: { because: "Guardrail eu-capacity forbids a shift above 85 %", causes: ["d-2"] },
  }),
  at(85, "ov-1", {
    kind: "override",
    actor: "bo <bo@shop.example>",
    body: { because: "customers wait *now*", action: { "canary.weight": 0 } },
  }),
  at(90, "f-1", { kind: "freeze", actor: "bo", subject: { kind: "Mesh", name: "all" }, body: {} }),
  at(95, "o-2", {
    kind: "outcome",
    subject: SHED,
    body: { outcome: { result: "harm", because: "critical tier lost 4 %" }, causes: ["a-2"] },
  }),
  at(96, "a-3", {
    kind: "action",
    subject: SHED,
    body: { action: null, wayBack: "none is needed", outcome: "success", causes: ["o-2"] },
  }),
  at(140, "o-3", { kind: "outcome", body: { outcome: "success", causes: ["a-1"] } }),
  at(150, "d-3", { kind: "decision", policySetDigest: "77aa", body: { causes: ["o-3"] } }),
  at(5000, "ov-9", { kind: "override", actor: "cy", body: { because: "another day" } }),
];
