import { type Batch, NOTHING } from "./batch.ts";
import type { ClientState } from "./client-state.ts";
import { differenceOf } from "./difference.ts";
import type { Resources } from "./held.ts";
import type { TypeSnapshot, VersionedResource } from "./snapshot.ts";

/**
 * What a client lacks of the target. `earlier`: what a name that is asked for is answered from if the target has it no
 * more.
 */
export function findDue(
  client: ClientState,
  { resources, errors }: TypeSnapshot,
  earlier: TypeSnapshot | undefined,
): Batch {
  const { held, can, subscription } = client;
  const { shared } = held;
  if (shared !== undefined && client.isPlain && errors.size === 0) {
    const difference = differenceOf(shared, resources);
    const canSay = can.remove || difference.removals.length === 0;
    return canSay ? difference : { ...difference, removals: NOTHING.removals };
  }
  const isAbsent = (name: string) => !resources.has(name) && !errors.has(name);
  const departed = earlier === undefined ? [] : departedOf(client, resources, earlier.resources);
  const wanted = [...subscription.select(resources), ...departed];
  const upserts = wanted.filter((resource) => isDue(client, resource));
  const known = can.remove ? new Set([...held.keys(), ...client.refusals.inDoubt]) : [];
  const removals = [...known].filter(isAbsent);
  const asked = can.reportMissing ? [...client.asked] : [];
  const sent = new Set(wanted.map(({ name }) => name));
  const missing = asked.filter(
    (name) => isAbsent(name) && !client.mayHold(name) && !sent.has(name),
  );
  const told = client.told.due(errors, subscription, client.asked);
  return { upserts, missing, removals, errors: told, heartbeats: [] };
}

/** Subscribed to, and there only a moment ago. */
function departedOf(
  { subscription }: ClientState,
  resources: Resources,
  earlier: Resources,
): VersionedResource[] {
  const gone = [...subscription.names].filter((name) => !resources.has(name));
  return gone.map((name) => earlier.get(name)).filter((one) => one !== undefined);
}

function isDue({ refusals, held, asked }: ClientState, resource: VersionedResource): boolean {
  const { name, version } = resource;
  if (refusals.covers(resource)) return false;
  const isHeld = held.get(name)?.version === version;
  if (isHeld && refusals.stoodUpFor(resource)) return false;
  return !isHeld || asked.has(name) || refusals.inDoubt.has(name);
}
