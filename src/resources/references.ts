import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  SECRET_TYPE,
} from "../proto/type-url.ts";
import { IDENTITY_FILTER } from "./names.ts";
import type { EnvoyResource, Json } from "./resource.ts";

/**
 * What the resources of one node name must be among them: Envoy answers 503 for a route to a missing cluster and waits
 * without end for a missing route configuration, filter, secret or assignment. A dangling name, or one used twice, is a bug of
 * ours: it throws, and the last good set stays with Envoy.
 */
export function checkReferences(resources: readonly EnvoyResource[]): void {
  const present = new Set<string>();
  for (const { typeUrl, name } of resources) {
    const key = `${typeUrl} ${name}`;
    if (present.has(key)) throw new Error(`invariant: two resources ${key}`);
    present.add(key);
  }
  for (const resource of resources) {
    for (const wanted of referencesOf(resource)) {
      if (!present.has(`${wanted.typeUrl} ${wanted.name}`)) {
        const { typeUrl, name } = wanted;
        throw new Error(`invariant: ${resource.name} names ${typeUrl} ${name}, which is not there`);
      }
    }
  }
}

export interface ResourceReference {
  readonly typeUrl: string;
  readonly name: string;
}

/** What one resource names, each once. */
export function referencesOf({ typeUrl, name, body }: EnvoyResource): ResourceReference[] {
  switch (typeUrl) {
    case CLUSTER_TYPE: {
      const endpoints = body.type === "STRICT_DNS" ? [] : [{ typeUrl: ENDPOINT_TYPE, name }];
      return [...endpoints, ...namedIn(body.transport_socket)];
    }
    case LISTENER_TYPE:
    case ROUTE_TYPE:
      return namedIn(body);
    case EXTENSION_CONFIG_TYPE:
      return name === IDENTITY_FILTER ? namedIn(body) : [];
    default:
      return [];
  }
}

function namedIn(json: Json | undefined): ResourceReference[] {
  const found = new Map([...findReferences(json)].map((pair) => [pair.join(" "), pair]));
  return [...found.values()].map(([typeUrl, name]) => ({ typeUrl, name }));
}

function* findReferences(json: Json | undefined): Generator<[string, string]> {
  if (json === null || typeof json !== "object") return;
  if (isList(json)) {
    for (const item of json) yield* findReferences(item);
    return;
  }
  const { cluster, weighted_clusters: split, route_config_name: routes } = json;
  if (typeof cluster === "string") yield [CLUSTER_TYPE, cluster];
  if (typeof routes === "string") yield [ROUTE_TYPE, routes];
  if (json.config_discovery !== undefined) yield [EXTENSION_CONFIG_TYPE, String(json.name)];
  if (split !== undefined) yield* splitReferences(split);
  // A secret without a source is Envoy's own.
  if (json.sds_config !== undefined) yield [SECRET_TYPE, String(json.name)];
  for (const child of Object.values(json)) yield* findReferences(child);
}

function* splitReferences(split: Json): Generator<[string, string]> {
  const { clusters } = split as { readonly clusters: readonly { readonly name: string }[] };
  for (const { name } of clusters) yield [CLUSTER_TYPE, name];
}

function isList(json: object): json is readonly Json[] {
  return Array.isArray(json);
}
