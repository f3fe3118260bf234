import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  SCOPED_ROUTE_TYPE,
} from "../proto/type-url.ts";
import type { Part } from "./type-state.ts";

/**
 * The order of one change across types, so that traffic never meets a name that is not there yet or no more: first
 * everything new and changed from the leaves up, then removals from the roots down. A phase begins when the one before
 * has been acknowledged. Secrets and runtime layers are outside of it: they name nothing, and a client warms clusters
 * and listeners on the secret it asks for.
 *
 * Clusters and endpoints are one phase: Envoy acknowledges a new cluster when it is warm, and it warms on its endpoints,
 * so endpoints that wait for the acknowledgement would wait for ever. The acknowledgement thus means "ready for routes".
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#eventual-consistency-considerations
 */
export interface Phase {
  readonly typeUrls: readonly string[];
  readonly part: Part;
  /** While a resource of these types is refused, the client may still use what this phase would remove. */
  readonly referrers: readonly string[];
}

const make = (...typeUrls: readonly string[]): Phase => ({
  typeUrls,
  part: "upserts",
  referrers: [],
});
const breaks = (typeUrl: string, referrers: readonly string[]): Phase => ({
  typeUrls: [typeUrl],
  part: "removals",
  referrers,
});

export const PHASES: readonly Phase[] = [
  make(CLUSTER_TYPE, ENDPOINT_TYPE),
  make(LISTENER_TYPE),
  make(SCOPED_ROUTE_TYPE),
  make(ROUTE_TYPE),
  make(EXTENSION_CONFIG_TYPE),
  breaks(LISTENER_TYPE, []),
  breaks(SCOPED_ROUTE_TYPE, [LISTENER_TYPE]),
  breaks(ROUTE_TYPE, [LISTENER_TYPE, SCOPED_ROUTE_TYPE]),
  breaks(CLUSTER_TYPE, [LISTENER_TYPE, ROUTE_TYPE, EXTENSION_CONFIG_TYPE]),
  breaks(ENDPOINT_TYPE, [LISTENER_TYPE, ROUTE_TYPE, EXTENSION_CONFIG_TYPE, CLUSTER_TYPE]),
];

export const ORDERED_TYPES: ReadonlySet<string> = new Set(
  PHASES.flatMap(({ typeUrls }) => typeUrls),
);

/** True if what `ref` names is made in an earlier phase than resources of the type. */
export function isBefore(ref: { readonly typeUrl: string }, typeUrl: string): boolean {
  return makingPhase(ref.typeUrl) < makingPhase(typeUrl);
}

/** A type outside the order counts as the last. */
function makingPhase(typeUrl: string): number {
  const index = PHASES.findIndex(({ typeUrls }) => typeUrls.includes(typeUrl));
  return index === -1 ? PHASES.length : index;
}

/**
 * A client that does not answer holds the next phase back for this long, then it goes ahead: five seconds is the time
 * after which Envoy's own clients call a config fetch slow, and far below its 15 s initial fetch timeout.
 */
export const PHASE_TIMEOUT_MS = 5000;
