import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

/** `FilterConfig` by its own page, so that the filter's hand-written reader is held against an independent encoder. */
const root = protobuf.loadSync(
  fileURLToPath(new URL("../../../../proto/qmesh/filter/v1/filter_config.proto", import.meta.url)),
);
const FILTER_CONFIG = root.lookupType("qmesh.filter.v1.FilterConfig");

/** proto3 JSON names; enums by name or number. */
export type JsonObject = { readonly [field: string]: unknown };

export function encodeFilterConfig(json: JsonObject): Uint8Array {
  return FILTER_CONFIG.encode(FILTER_CONFIG.fromObject(json)).finish();
}

export function scope(fields: JsonObject = {}): JsonObject {
  return {
    name: "shop",
    mode: "ENFORCE",
    tiers: [
      { name: "critical", matches: [{ headers: [{ name: "x-criticality", value: "critical" }] }] },
      { name: "default" },
    ],
    unmatched: 1,
    limit: { min: 1, max: 1000, initial: 16 },
    answer: { status: 429, retryAfter: true },
    ...fields,
  };
}

export function config(...scopes: readonly JsonObject[]): Uint8Array {
  return encodeFilterConfig({ format: 1, minReader: 1, scopes });
}
