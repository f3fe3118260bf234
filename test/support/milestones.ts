/**
 * Seconds from the fault of a scenario, when this is made, to what came of it, told to whoever runs the test as a child
 * (`bench/scenarios.ts`); else nobody listens. As seen from outside, so late by as long as the test waits between two looks.
 */
export class Milestones {
  readonly #faultMs = performance.now();

  /** `decided`: its record is there; `held`: every Envoy has it; `clean`: it has done what it was meant to. */
  reach(milestone: "decided" | "held" | "clean"): void {
    process.send?.({ milestone, seconds: (performance.now() - this.#faultMs) / 1000 });
  }
}
