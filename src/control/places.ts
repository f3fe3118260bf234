import type { Locality } from "../policy/intent/endpoint.ts";

/**
 * Where the Envoys of each role are, as they say when they connect. Envoys of one role and place share a snapshot. A node may say
 * any place, so a role has at most so many; who comes from one more gets what a node without a place gets.
 */
const MOST_PLACES = 64;

export class Places {
  private readonly byRole = new Map<string, Map<string, Locality>>();

  /** Key of the snapshot of a role's Envoys at this place: `gateway/edge@eu/a`, or the role alone. */
  keyOf(role: string, place: Locality): string {
    const places = this.byRole.get(role) ?? new Map<string, Locality>();
    const key = keyAt(role, place);
    if (key === role || places.has(key)) return key;
    if (places.size >= MOST_PLACES) return role;
    this.byRole.set(role, places.set(key, place));
    return key;
  }

  of(role: string): ReadonlyMap<string, Locality> {
    return this.byRole.get(role) ?? new Map();
  }
}

function keyAt(role: string, { region, zone }: Locality): string {
  return region === "" ? role : `${role}${AT}${region}/${zone}`;
}

/** No name of a role has it. */
const AT = "@";

/** `gateway/edge` of `gateway/edge@eu/a`. */
export function roleIn(key: string): string {
  return key.split(AT, 1)[0] ?? key;
}
