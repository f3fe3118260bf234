/** Any value of proto3 canonical JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/** One Envoy resource in proto3 JSON with the field names of Envoy's own documentation (snake case); `Any` as `{"@type": ...}`. */
export interface EnvoyResource {
  readonly typeUrl: string;
  readonly name: string;
  readonly body: JsonObject;
}
