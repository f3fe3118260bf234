import { shedRatio } from "./decide.ts";
import type { Decision } from "./decision.ts";

/** A decision as a sentence for a person at 3 a.m. */
export function explain(decision: Decision): string {
  const { node, scope, state, evidence, bounds } = decision;
  const where = `${scope} on ${node}`;
  if (evidence === undefined)
    return `${where}: nothing heard yet; the limit may move in ${bounds.min}..${bounds.max}.`;
  if (state === "late") return `${where}: a report is late; nothing is concluded from that.`;
  if (state === "blind")
    return `${where}: no reports; the filter keeps shedding by what it last learned.`;
  const limit = `limit ${evidence.limit} in ${bounds.min}..${bounds.max}, ${evidence.inflight} in flight`;
  if (state === "healthy") return `${where}: healthy, ${limit}.`;
  const worst = [...evidence.tiers].filter(
    ({ shedRps, wouldShedRps }) => shedRps + wouldShedRps > 0,
  );
  const tiers = worst.map(({ tier }) => tier).join(", ");
  return `${where}: saturated, ${(shedRatio(evidence) * 100).toFixed(0)} % shed (${tiers}); ${limit}.`;
}
