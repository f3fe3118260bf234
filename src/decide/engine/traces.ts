import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { DecisionRecord } from "../record.ts";

/** A decision with the way to its traces: failed requests of its service, sampled in the minute before. */
const SECONDS = 60;
const MOST = 5;

/** What only tells that nothing changes needs no traces. */
const VERDICTS = new Set(["act", "roll back", "revert", "ask"]);

export function withTraces(
  record: DecisionRecord,
  { policySet, evidence }: { readonly policySet: PolicySet; readonly evidence: Evidence },
): DecisionRecord {
  const { body, subject } = record;
  const service = VERDICTS.has(body.verdict) ? serviceOf(subject, policySet) : undefined;
  if (service === undefined) return record;
  const traces = evidence
    .failedRequests(service, SECONDS)
    .flatMap(({ traceId, requestId }) => traceId ?? (requestId === "" ? [] : [requestId]))
    .slice(0, MOST);
  return traces.length === 0 ? record : { ...record, body: { ...body, traces } };
}

function serviceOf(
  { kind, name }: DecisionRecord["subject"],
  { policies, rollouts }: PolicySet,
): string | undefined {
  if (kind === "Rollout") return rollouts.find((each) => each.name === name)?.service;
  return kind === "Policy" ? policies.find((each) => each.name === name)?.scope.service : undefined;
}
