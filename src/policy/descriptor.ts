/** Words by which an Envoy and the rate-limit service mean the same limit. */
export const LIMIT_DOMAIN = "qmesh";

/** First key of every descriptor; its value is the name of the RateLimit. */
export const LIMIT_KEY = "qmesh_limit";
