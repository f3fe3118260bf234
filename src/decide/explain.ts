import type { FilterBoundsDecision } from "./filter-bounds.ts";
import type { ScopeState } from "./scope-state.ts";

/**
 * A decision as one or two sentences for a person who was just woken: where, what state, what was seen, what it means
 * for the requests, what was decided. No term that needs this program's source to understand.
 */
const MEANING: Readonly<Record<ScopeState, string>> = {
  blind: "Whether requests are answered is not known; the filter goes on alone.",
  late: "These may be out of date; the filter goes on alone.",
  idle: "Nothing to do.",
  failing: "The service behind it does not answer in time; shedding alone cannot mend that.",
  saturated: "It works as meant: there is more to do than the service holds.",
  healthy: "All is well.",
};

export function explain({ node, scope, state, reason, bounds }: FilterBoundsDecision): string {
  const { min, max } = bounds;
  const range = min === max ? `to ${min}` : `to between ${min} and ${max}`;
  const where = `Shedding ${scope} on ${node} is ${state}: ${reason}.`;
  return `${where} ${MEANING[state]} Requests in flight stay limited ${range}, by the intent and the actions in force.`;
}
