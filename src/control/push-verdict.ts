import { type Answers, whyNotOn } from "../decide/stats/canary-push.ts";
import type { EvidenceSnapshot, NodeEvidence } from "../evidence/snapshot.ts";
import type { CanaryTrial, Verdict } from "../xds/trial.ts";
import { roleOfKey } from "./cohorts.ts";

/**
 * What the telemetry says of a change that only some Envoys have. Counted from reports whose window began after the
 * change, so that errors of before are not laid to it.
 */
export function pushVerdict(
  { canaries, key, sinceMs }: CanaryTrial,
  seen: EvidenceSnapshot,
): Verdict {
  const nodes = seen.nodes.filter(({ role, state }) => role === roleOfKey(key) && state === "ok");
  const isSince = ({ windowMs, ageMs }: NodeEvidence) => seen.nowMs - ageMs - windowMs >= sinceMs;
  const of = (isCanary: boolean) =>
    nodes
      .filter(({ node }) => canaries.has(node) === isCanary)
      .filter(isCanary ? isSince : () => true);
  const why = whyNotOn(answersOf(of(true)), answersOf(of(false)));
  return why === undefined ? "yes" : { hold: why };
}

function answersOf(nodes: readonly NodeEvidence[]): Answers {
  let [requests, errors] = [0, 0];
  for (const { clusters, windowMs } of nodes) {
    for (const { requestRps, error5xxRps } of clusters) {
      requests += (requestRps * windowMs) / 1000;
      errors += (error5xxRps * windowMs) / 1000;
    }
  }
  return { requests, errors };
}
