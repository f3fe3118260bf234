import type { Locality } from "../policy/intent/endpoint.ts";
import { nameOf } from "../policy/locality.ts";
import { callerShares, type LocalCluster } from "./local-cluster.ts";

/**
 * Envoy's zone-aware formula, and its inverse: of the calls made in a zone, with the share `callers` of all calls, it keeps
 * `endpoints / callers`, at most all, and gives the rest to the zones whose share of the endpoints is above that of their
 * callers, as far as it is above. A shift says the shares wanted, so the weights have to be found that make Envoy find them.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/zone_aware
 */
interface Zone {
  readonly locality: Locality | undefined;
  readonly weight: number;
}

/** Zone to what it gets of an Envoy's requests, 0..1; together 1. */
export function sharesByZone<Entry extends Zone>(
  zones: readonly Entry[],
  local: LocalCluster,
): ReadonlyMap<Entry, number> {
  const whole = zones.reduce((sum, { weight }) => sum + weight, 0);
  const callersOf = callersIn(local);
  const isOwn = isAt(local.place);
  const own = zones.find(isOwn);
  const kept = own === undefined ? 0 : Math.min(1, own.weight / whole / callersOf(own));
  const rooms = zones.map((zone) =>
    isOwn(zone) ? 0 : Math.max(0, zone.weight / whole - callersOf(zone)),
  );
  const room = rooms.reduce((sum, each) => sum + each, 0);
  return new Map(
    zones.map((zone, at): [Entry, number] => {
      if (zone === own) return [zone, kept];
      return [zone, room === 0 ? 0 : ((1 - kept) * (rooms[at] ?? 0)) / room];
    }),
  );
}

/** Zone to the weight by which Envoy gives it its share. */
export function weightsByZone<Entry extends Zone>(
  shares: ReadonlyMap<Entry, number>,
  local: LocalCluster,
): ReadonlyMap<Entry, number> {
  const callersOf = callersIn(local);
  const isOwn = isAt(local.place);
  const zones = [...shares.keys()];
  const others = zones.filter((zone) => !isOwn(zone));
  const own = zones.find(isOwn);
  const kept = own === undefined ? 0 : (shares.get(own) ?? 0);
  const ownWeight = own === undefined ? 0 : kept * callersOf(own);
  const taken = others.reduce((sum, zone) => sum + callersOf(zone), 0);
  // What is above the callers of the other zones is theirs by their shares.
  const room = kept === 1 ? 0 : (1 - ownWeight - taken) / (1 - kept);
  return new Map(
    zones.map((zone) => [
      zone,
      zone === own ? ownWeight : callersOf(zone) + room * (shares.get(zone) ?? 0),
    ]),
  );
}

function callersIn(local: LocalCluster): (zone: Zone) => number {
  const shares = callerShares(local);
  return ({ locality }) => (locality === undefined ? 0 : (shares.get(nameOf(locality)) ?? 0));
}

function isAt(place: Locality): (zone: Zone) => boolean {
  return ({ locality }) => locality !== undefined && nameOf(locality) === nameOf(place);
}
