/** Words by which an Envoy and the rate-limit service mean the same limit. */
export const LIMIT_DOMAIN = "qmesh";

/** First key of every descriptor; its value is the name of the RateLimit. */
export const LIMIT_KEY = "qmesh_limit";

/** Second key where a limit holds a tier at a rate of its own; its value is the tier. */
export const TIER_KEY = "qmesh_tier";
