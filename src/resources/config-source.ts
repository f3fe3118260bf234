import type { JsonObject } from "./resource.ts";

/** `envoy.config.core.v3.ConfigSource`: over the stream this resource came on. Envoy goes on without it after 15 s. */
export const FROM_ADS: JsonObject = { ads: {}, resource_api_version: "V3" };

/** The same, but Envoy waits for it without end: what it would do without is worse than what it does now. */
export const FROM_ADS_REQUIRED: JsonObject = { ...FROM_ADS, initial_fetch_timeout: "0s" };
