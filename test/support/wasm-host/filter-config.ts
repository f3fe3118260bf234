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

interface DecodedMatch {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly path: { readonly type: number; readonly value: string } | null;
}

export interface DecodedScope {
  readonly name: string;
  readonly mode: number;
  readonly clusters: readonly string[];
  readonly routes: readonly string[];
  readonly tiers: readonly { readonly name: string; readonly matches: readonly DecodedMatch[] }[];
  readonly unmatched: number;
  readonly limit: { readonly min: number; readonly max: number; readonly initial: number } | null;
  readonly answer: { readonly status: number } | null;
  readonly exempt: readonly DecodedMatch[];
  readonly memory: { readonly limit: number; readonly baselineMs: number } | null;
  readonly tenant: {
    readonly header: string;
    readonly weights: readonly { readonly value: string; readonly weight: number }[];
  } | null;
}

interface DecodedConfig {
  readonly format: number;
  readonly minReader: number;
  readonly scopes: readonly DecodedScope[];
}

/** Throws where the bytes are no message at all. */
export function decodeFilterConfig(bytes: Uint8Array): DecodedConfig {
  // The Buffer reader replaces bytes that are no UTF-8; the plain one loses them.
  const message = FILTER_CONFIG.decode(Buffer.from(bytes));
  return FILTER_CONFIG.toObject(message, { defaults: true, arrays: true }) as DecodedConfig;
}
