import type { Locality } from "../policy/intent/endpoint.ts";
import type { LocalityShift } from "../policy/intent/locality-shift.ts";
import { nameOf, takesIn } from "../policy/locality.ts";
import type { LocalCluster } from "./local-cluster.ts";
import { sharesByZone, weightsByZone } from "./zone-shares.ts";

/** A locality of one version as an Envoy is told of it: 0 is the priority it prefers. */
export interface Weighed {
  readonly locality: Locality | undefined;
  readonly priority: number;
  readonly weight: number;
}

/** Locality weights are whole: shares are told to a millionth. */
const WHOLE = 1_000_000;

/**
 * Priorities and weights once traffic is shifted. Envoy asks a lower priority only as far as a higher one is not well, so who
 * is to take a share of a locality has to stand beside it: it is raised to its priority, with that share as its weight. A
 * share for a locality that is not there, or is itself shifted from, stays where it is. `local`: Envoy balances by zone, and
 * weights say what it makes of them.
 */
export function shift<Entry extends Weighed>(
  entries: readonly Entry[],
  shifts: readonly LocalityShift[],
  local?: LocalCluster,
): readonly Entry[] {
  const top = entries.filter(({ priority }) => priority === 0);
  const fromOf = ({ locality }: Weighed) =>
    locality === undefined ? undefined : shifts.find(({ from }) => takesIn(from, locality));
  if (!top.some((entry) => entry.weight > 0 && fromOf(entry) !== undefined)) return entries;
  const before = local === undefined ? sharesByWeight(top) : sharesByZone(top, local);
  const shares = new Map(before);
  for (const [entry, share] of before) {
    const { ratio = 0, to = {} } = fromOf(entry) ?? {};
    const moved = share * ratio;
    for (const taker of entries) {
      const part = taker.locality === undefined ? 0 : (to[nameOf(taker.locality)] ?? 0);
      if (part === 0 || fromOf(taker) !== undefined) continue;
      shares.set(taker, (shares.get(taker) ?? 0) + moved * part);
      shares.set(entry, (shares.get(entry) ?? 0) - moved * part);
    }
  }
  const weights = local === undefined ? shares : weightsByZone(shares, local);
  return entries.map((entry) => {
    const weight = weights.get(entry);
    if (weight === undefined) return entry;
    return { ...entry, priority: 0, weight: Math.max(1, Math.round(weight * WHOLE)) };
  });
}

function sharesByWeight<Entry extends Weighed>(top: readonly Entry[]): ReadonlyMap<Entry, number> {
  const whole = top.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(top.map((entry): [Entry, number] => [entry, entry.weight / whole]));
}
