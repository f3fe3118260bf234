import type { Batch } from "./batch.ts";
import { SUPPORTS_TTL } from "./delta.ts";
import type { StreamRequest } from "./discovery.ts";
import { StreamMachine, type Variant } from "./machine.ts";
import { hashSet, type TypeSnapshot, type VersionedResource } from "./snapshot.ts";
import { TypeState } from "./type-state.ts";

/**
 * State-of-the-world xDS: every request names all that is wanted. For listeners and clusters every response carries all
 * of it too, and what is absent is deleted: so while something new is rolled out, the response is the union of what the
 * client holds and what is new, and a refused resource is represented by its last accepted content. For the other types
 * a response carries what changed; a deletion cannot be said.
 *
 * A client that comes back with a version is answered all the same, even if that is the current one: one that took part
 * of a response it refused still reports the version before. What it holds is unknown, so for listeners and clusters it
 * gets whole responses only, until it accepts one.
 *
 * Times to live are said for the types whose responses carry what changed. A heartbeat of a listener alone would read as
 * "all other listeners are gone". A heartbeat is the whole resource again: Envoy 1.40 skips one without a body before it
 * has looked at its time to live, and lets go of the resource all the same.
 */
export interface SotwRequest extends StreamRequest {
  /** Version the client says it holds, possibly from an earlier stream. */
  readonly version: string;
  readonly names: readonly string[];
}

/** The client reads resources inside the wrapper that has room for a time to live. */
const SUPPORTS_WRAPPED_RESOURCE = "xds.config.supports-resource-in-sotw";

const sotwVariant: Variant<SotwRequest> = {
  stateOf: (type, features) =>
    new TypeState(type, {
      remove: type.isFullState,
      reportMissing: false,
      expire:
        !type.isFullState && features.has(SUPPORTS_TTL) && features.has(SUPPORTS_WRAPPED_RESOURCE),
    }),

  read({ client, type }, { names, version }, isFirst) {
    const { subscription } = client;
    const before = new Set(subscription.names);
    const wasWildcard = subscription.isWildcard;
    subscription.replace(names);
    client.forgetUnsubscribed();
    for (const name of before) if (!subscription.includes(name)) client.forget(name);
    const hasGrown =
      (subscription.isWildcard && !wasWildcard) ||
      [...subscription.names].some((name) => !before.has(name) && !wasWildcard);
    if (isFirst && type.isFullState) client.isBlind = version !== "";
    if (hasGrown && type.isFullState) client.answerAlways();
  },

  respond(state, batch) {
    const target = state.target;
    if (!state.type.isFullState) {
      const { upserts, heartbeats } = batch;
      const resources = heartbeats.length === 0 ? upserts : [...upserts, ...heartbeats];
      return { version: target?.version ?? "", resources, removed: [], heartbeats: [] };
    }
    const resources = composeFullState(state, batch);
    const isWhole = target !== undefined && isSameSet(target, resources);
    const version = isWhole ? target.version : hashSet(resources);
    return { version, resources, removed: [], heartbeats: [] };
  },
};

export type SotwMachine = StreamMachine<SotwRequest>;

export function createSotwMachine(): SotwMachine {
  return new StreamMachine(sotwVariant);
}

/** What the client shall hold after this response, in name order. */
function composeFullState(state: TypeState, batch: Batch): readonly VersionedResource[] {
  const all = new Map(state.client.held);
  for (const resource of batch.upserts) all.set(resource.name, resource);
  for (const name of batch.removals) all.delete(name);
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isSameSet({ resources }: TypeSnapshot, sent: readonly VersionedResource[]): boolean {
  return (
    resources.size === sent.length &&
    sent.every(({ name, version }) => resources.get(name)?.version === version)
  );
}
