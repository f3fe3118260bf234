import type { NodeStatus } from "./node-status.ts";

/**
 * Which nodes a question is about: those that any of its matchers takes, by id; all without a matcher. What a
 * matcher may say beyond that is refused, since to ignore it would answer another question.
 */
export interface NodeMatcher {
  readonly node_id?: StringMatcher | null;
  readonly node_metadatas?: readonly object[];
}

/** `envoy.type.matcher.v3.StringMatcher` as protobufjs decodes it. */
interface StringMatcher {
  readonly match_pattern?: string;
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly ignore_case?: boolean;
}

/** The nodes by id, or what cannot be answered. */
export function matchNodes(
  nodes: readonly NodeStatus[],
  matchers: readonly NodeMatcher[],
): NodeStatus[] | string {
  const fault = matchers.map(faultOf).find((each) => each !== undefined);
  if (fault !== undefined) return fault;
  return nodes
    .filter(
      ({ nodeId }) => matchers.length === 0 || matchers.some((matcher) => takes(matcher, nodeId)),
    )
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

const PATTERNS = ["exact", "prefix", "suffix", "contains"] as const;
type Pattern = (typeof PATTERNS)[number];

function patternOf({ match_pattern: which }: StringMatcher): Pattern | undefined {
  return PATTERNS.find((pattern) => pattern === which);
}

function faultOf({ node_id: id, node_metadatas: metadata = [] }: NodeMatcher): string | undefined {
  if (metadata.length > 0) return "node_metadatas are not supported; match on node_id";
  if (id === undefined || id === null || patternOf(id) !== undefined) return undefined;
  return `node_id must say one of ${PATTERNS.join(", ")}`;
}

function takes({ node_id: matcher }: NodeMatcher, nodeId: string): boolean {
  if (matcher === undefined || matcher === null) return true;
  const pattern = patternOf(matcher);
  if (pattern === undefined) return false;
  const fold = (text: string) => (matcher.ignore_case === true ? text.toLowerCase() : text);
  const [id, wanted] = [fold(nodeId), fold(matcher[pattern] ?? "")];
  switch (pattern) {
    case "exact":
      return id === wanted;
    case "prefix":
      return id.startsWith(wanted);
    case "suffix":
      return id.endsWith(wanted);
    case "contains":
      return id.includes(wanted);
  }
}
