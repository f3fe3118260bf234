import type { Totals } from "./canary.ts";
import { pRateAbove } from "./rate-posterior.ts";

/**
 * Which versions burn the error budget faster than `burn` times what it allows, each with a chance of at least
 * `confidence`. Beside the comparison, because two versions that are both bad compare well: `both` is a fault they
 * share, and no reason to roll back. `allowed`: share of requests that may be bad, (0, 1).
 */
export function absoluteCheck(
  versions: { readonly canary: Totals; readonly stable: Totals },
  limit: { readonly allowed: number; readonly burn: number; readonly confidence: number },
): "none" | "canary" | "stable" | "both" {
  const { allowed, burn, confidence } = limit;
  const isBad = ({ errors, requests }: Totals) =>
    pRateAbove(errors, requests, burn * allowed, allowed) >= confidence;
  const canary = isBad(versions.canary);
  const stable = isBad(versions.stable);
  if (canary && stable) return "both";
  if (canary) return "canary";
  return stable ? "stable" : "none";
}
