import { pRateAbove } from "./rate-posterior.ts";

/**
 * Whether some Envoys that have a change fail more of their requests than those that have not: P(rate of the canaries >
 * twice the others' rate, or 1 point above it, whichever is more) >= 0.99. Requests and 5xx answers over the same time.
 */
export interface Answers {
  readonly requests: number;
  readonly errors: number;
}

const CONFIDENCE = 0.99;
const LEAST_EXCESS = 0.01;

/** What is taken for usual where nobody else has requests. */
const PRIOR: Answers = { requests: 50, errors: 0.5 };

/** Why the change should not go on, without a full stop; undefined: nothing speaks against it. */
export function whyNotOn(canaries: Answers, others: Answers): string | undefined {
  const usual = (others.errors + PRIOR.errors) / (others.requests + PRIOR.requests);
  const bound = Math.min(1, Math.max(2 * usual, usual + LEAST_EXCESS));
  const certainty = pRateAbove(canaries.errors, canaries.requests, bound, Math.min(0.5, usual));
  if (certainty < CONFIDENCE) return undefined;
  return `Envoys that have it fail ${percent(canaries)} of ${canaries.requests.toFixed(0)} requests, the others ${percent(others)} of ${others.requests.toFixed(0)}`;
}

function percent({ errors, requests }: Answers): string {
  return `${((100 * errors) / Math.max(1, requests)).toFixed(1)} %`;
}
