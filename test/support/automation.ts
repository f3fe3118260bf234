import type { Policy, Slo } from "../../src/policy/automation.ts";

/** 99 % of the requests to checkout are answered without an error. */
export function slo(parts: Partial<Slo> = {}): Slo {
  return {
    name: "availability",
    owner: "team-pay",
    service: "checkout",
    target: 0.99,
    windowSeconds: 30 * 86_400,
    indicator: { kind: "errors" },
    ...parts,
  };
}

/** Fewer retries once its budget burns. */
export function policy(parts: Partial<Policy> = {}): Policy {
  return {
    name: "relief",
    owner: "team-pay",
    class: "reliability",
    mode: "enforce",
    method: "probabilistic",
    scope: { service: "checkout", labels: {} },
    when: { text: 'burn("availability", "30s") > 5.0', reads: ["burn:availability"] },
    // biome-ignore lint/suspicious/noThenProperty: the word of the language
    then: [{ kind: "retries", service: "checkout", budgetRatio: 0.1 }],
    guard: { minIntervalSeconds: 60, budgetPerHour: 4, floor: {}, exempt: [] },
    verify: {
      signal: "availability",
      improve: { kind: "burnBelow", burn: 2 },
      sustainedSeconds: 60,
      withinSeconds: 300,
    },
    revert: { onHarm: true, onNoEffectSeconds: 300 },
    confidence: 0.9,
    ...parts,
  };
}
