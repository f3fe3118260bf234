/**
 * What a condition may ask, as the engine implements it for one document at one tick. Every answer may be `undefined`: the input
 * is blind, and whatever depends on it is neither true nor false. NaN counts as `undefined`. Windows and ages are seconds.
 */
export interface ConditionFunctions {
  /** Multiples of the rate that would just use up the error budget, over the window. */
  burn(slo: string, windowSeconds: number): number | undefined;
  /** P(burn > x), 0..1. */
  pBurn(slo: string, windowSeconds: number, x: number): number | undefined;
  /** E-value that the canary is worse, or safe; 0..Infinity, 1 says nothing. */
  evidence(rollout: string, claim: "worse" | "safe"): number | undefined;
  /** P(the canary's rate > `margin` x that of the stable version), 0..1. */
  pWorse(rollout: string, margin: number): number | undefined;
  /** Seconds within which the share `q` of a service's requests is answered. */
  quantile(service: string, q: number, windowSeconds: number): number | undefined;
  /** Mean of a signal's values; of `requests`: requests a second of the scope. */
  rate(signal: string, windowSeconds: number): number | undefined;
  /** Share of the scope's requests that are this tenant's, 0..1. */
  share(tenant: string): number | undefined;
  /** How unusual the newest value is: 0 as usual, 1 as never seen. */
  anomaly(signal: string): number | undefined;
  /** Sum of the signal `cost.PROJECT` over the window. */
  cost(project: string, windowSeconds: number): number | undefined;
  /** Quantile `q` of what a signal will be; `eod`: at the end of the day, UTC. */
  forecast(signal: string, ahead: number | "eod", q: number): number | undefined;
  /** Largest difference between two sources that count the service's requests, as a share of the larger, 0..1. */
  disagreement(service: string): number | undefined;
  /** Share of what a locality has shown to carry that is free with the chance `q`, 0..1. */
  headroom(locality: string, q: number): number | undefined;
  /** Seconds since the newest value. */
  age(signal: string): number | undefined;
  /** P(a signal > x), over the window, 0..1. */
  pAbove(signal: string, x: number, windowSeconds: number): number | undefined;
  /** Newest value of a pushed signal that scores somebody. */
  siemScore(name: string): number | undefined;
  /** Whether somebody of the role has approved what is about to be done. */
  approved(role: string): boolean | undefined;
  /** Actions taken in the scope within the window. */
  actionsLast(windowSeconds: number): number | undefined;
  /** A variable by its dotted name (`language.ts`), `signal.LABEL` included. */
  variable(name: string): boolean | number | string | undefined;
}
