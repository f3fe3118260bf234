import type { ClientState } from "./client-state.ts";
import type { StreamRequest } from "./discovery.ts";
import { StreamMachine, type Variant } from "./machine.ts";
import type { VersionedResource } from "./snapshot.ts";
import { WILDCARD } from "./subscription.ts";
import { TypeState } from "./type-state.ts";

/**
 * Incremental xDS: requests change a subscription, responses carry what changed and what is gone.
 *
 * A name that is subscribed is always answered, even if the client held it before: with the resource, or with its name
 * among the removed ones. Two exceptions on the first request of a stream: what the client says it already holds in the
 * right version (`initial_resource_versions`) is not sent again, so a reconnect without a change costs nothing; and a
 * wildcard subscription of a client that holds nothing gets a response even if that is empty, because Envoy's start
 * waits for it.
 */
export interface DeltaRequest extends StreamRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Name -> version the client holds from an earlier stream; read in the first request of a type only. */
  readonly known: Readonly<Record<string, string>>;
}

/** The client lets go of what it has not heard of for its time to live. */
export const SUPPORTS_TTL = "xds.config.supports-resource-ttl";

const deltaVariant: Variant<DeltaRequest> = {
  stateOf: (type, features) =>
    new TypeState(type, {
      remove: type.isRemovable,
      reportMissing: type.isRemovable,
      expire: features.has(SUPPORTS_TTL),
    }),

  read(state, request, isFirst) {
    subscribe(state.client, request, isFirst);
    for (const name of request.unsubscribe) unsubscribe(state.client, name);
    if (isFirst) recall(state, request);
  },

  respond(state, { upserts, missing, removals, heartbeats }) {
    return {
      version: state.target?.version ?? "",
      resources: upserts,
      removed: [...missing, ...removals],
      heartbeats: heartbeats.map(({ name, version, ttlMs = 0 }) => ({ name, version, ttlMs })),
    };
  },
};

export type DeltaMachine = StreamMachine<DeltaRequest>;

export function createDeltaMachine(): DeltaMachine {
  return new StreamMachine(deltaVariant);
}

function subscribe(client: ClientState, request: DeltaRequest, isFirst: boolean): void {
  const { subscription } = client;
  const wasWildcard = subscription.isWildcard;
  subscription.subscribe(request.subscribe, isFirst);
  if (subscription.isWildcard && !wasWildcard) client.answerAlways();
  for (const name of request.subscribe) if (name !== WILDCARD) client.answer(name);
}

/** A name that stays wanted through the wildcard is answered, so that the client learns whether it still exists. */
function unsubscribe(client: ClientState, name: string): void {
  const wasSubscribed = client.subscription.unsubscribe(name);
  if (name === WILDCARD) {
    client.answeredAll();
    client.forgetUnsubscribed();
  } else if (!client.subscription.includes(name)) client.forget(name);
  else if (wasSubscribed) client.answer(name);
}

function recall({ client, target, type }: TypeState, { known, subscribe: names }: DeltaRequest) {
  if (target !== undefined && client.recallAll(known, target.resources)) return;
  const asked = new Set(names);
  for (const [name, version] of Object.entries(known)) {
    if (!client.subscription.includes(name)) continue;
    const wanted = target?.resources.get(name);
    const isSame = wanted?.version === version;
    client.recall(isSame ? wanted : knownByVersion(type.typeUrl, name, version));
    if (asked.has(name)) client.answered(name);
  }
  if (target !== undefined) client.held.settle(target.resources);
  if (client.held.size > 0) client.answeredAll();
}

const NO_BYTES = new Uint8Array();

/** A delta response never repeats what the client holds, so the version is all that is needed of it. */
function knownByVersion(typeUrl: string, name: string, version: string): VersionedResource {
  return { typeUrl, name, version, value: NO_BYTES };
}
