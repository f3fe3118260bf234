import type { PolicyClass } from "../intent/policy.ts";

/** Most important first: of two Policies that want opposite things, the one before wins. */
export const CLASSES = [
  "safety",
  "security",
  "reliability",
  "cost",
  "experiment",
] as const satisfies readonly PolicyClass[];
