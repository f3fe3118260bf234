import type { TickInput } from "../engine/tick-input.ts";

/** Ids of Envoys by the service whose requests they count; under the empty name of all of them. */
export type NodeLists = Readonly<Record<string, readonly string[]>>;

type NodesOf = NonNullable<TickInput["nodesOf"]>;

/** The same answers, and which were given: an action that is to hold on some Envoys asks for few, in few seconds. */
export function listening(nodesOf: NodesOf): {
  readonly nodesOf: NodesOf;
  readonly heard: NodeLists;
} {
  const heard: Record<string, readonly string[]> = {};
  return {
    heard,
    nodesOf: (service) => {
      const ids = nodesOf(service);
      heard[service ?? ""] = ids;
      return ids;
    },
  };
}

/** Nothing is known of what was never asked for. */
export function fromLists(lists: NodeLists): NodesOf {
  return (service) => lists[service ?? ""] ?? [];
}
