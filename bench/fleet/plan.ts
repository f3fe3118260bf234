/** What servers and fleet agree on. */
export const CLUSTERS = 100;

/** `node.cluster` of most simulated Envoys, and of those that get critical changes; of one length. */
export const FLEET = "fleet";
export const FRONT = "front";

/** The runtime layer that carries critical changes. */
export const LIMITS = "limits";

/**
 * What a server under test does for a line on its control port; it answers each with one line.
 * - `push`: changes one cluster for everybody; `critical`: changes the runtime layer for `front`
 * - `count`: first requests it has read so far
 * - `lag`: p99 of its event loop's delay since the last `lag`, ms; `-` where there is no such thing
 */
export type Control = "push" | "critical" | "count" | "lag";
