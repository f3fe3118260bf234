import { StreamMachine, type StreamRequest, type Variant } from "./machine.ts";
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
    subscribe(state, request, isFirst);
    for (const name of request.unsubscribe) unsubscribe(state, name);
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

function subscribe(state: TypeState, request: DeltaRequest, isFirst: boolean): void {
  const { subscription } = state;
  const wasWildcard = subscription.isWildcard;
  subscription.subscribe(request.subscribe, isFirst);
  if (subscription.isWildcard && !wasWildcard) state.answerAlways();
  for (const name of request.subscribe) if (name !== WILDCARD) state.answer(name);
}

/** A name that stays wanted through the wildcard is answered, so that the client learns whether it still exists. */
function unsubscribe(state: TypeState, name: string): void {
  const wasSubscribed = state.subscription.unsubscribe(name);
  if (name === WILDCARD) {
    state.answeredAll();
    state.forgetUnsubscribed();
  } else if (!state.subscription.includes(name)) state.forget(name);
  else if (wasSubscribed) state.answer(name);
}

function recall(state: TypeState, { known, subscribe: names }: DeltaRequest): void {
  const asked = new Set(names);
  for (const [name, version] of Object.entries(known)) {
    if (!state.subscription.includes(name)) continue;
    const wanted = state.target?.resources.get(name);
    const isSame = wanted?.version === version;
    state.recall(isSame ? wanted : knownByVersion(state.type.typeUrl, name, version));
    if (asked.has(name)) state.answered(name);
  }
  state.settleHeld();
  if (state.held.size > 0) state.answeredAll();
}

const NO_BYTES = new Uint8Array();

/** A delta response never repeats what the client holds, so the version is all that is needed of it. */
function knownByVersion(typeUrl: string, name: string, version: string): VersionedResource {
  return { typeUrl, name, version, value: NO_BYTES };
}
