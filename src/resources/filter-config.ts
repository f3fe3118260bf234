import type { Shedding, SheddingMatch, SheddingTarget } from "../policy/policy-set.ts";
import { compareTargets } from "../policy/precedence.ts";
import { MAX_SHEDDINGS } from "../policy/shedding.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import type { GatewayView } from "./gateway-view.ts";
import { clusterNames, routeName, SHEDDING_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { trimPrefix } from "./route-match.ts";

/**
 * The shedding filter of one node: one plugin whose configuration holds every Shedding of that node. The filter takes
 * the first scope that matches, so the narrowest stand first: routes, then services, then the gateway. A Shedding of
 * mode `off` is a scope too: it keeps a wider one away.
 * The VM's part never changes: equal `vm_id` and code let Envoy keep its VMs, and with them the learned limits, over a
 * push; everything that moves is in `configuration`.
 */
const FILTER_CONFIG = "qmesh.filter.v1.FilterConfig";

/** Layout of `FilterConfig` written here, and the oldest filter that may read it. */
const FORMAT = 1;
const MIN_READER = 1;

/** `qmesh.filter.v1.FilterConfig` in proto3 JSON: what the bytes in `buildFilter` say, for people. */
export function buildFilterConfig(view: GatewayView, sheddings: readonly Shedding[]): JsonObject {
  const held = sheddings.filter(({ target }) => isHere(target, view));
  held.sort((a, b) => compareTargets(a.target, b.target));
  if (held.length > MAX_SHEDDINGS) {
    throw new Error(
      `invariant: gateway ${view.gateway.name} has ${held.length} Sheddings, at most ${MAX_SHEDDINGS}`,
    );
  }
  return {
    format: FORMAT,
    min_reader: MIN_READER,
    scopes: held.map((shedding) => scopeJson(shedding, view)),
  };
}

function isHere({ kind, name }: SheddingTarget, view: GatewayView): boolean {
  if (kind === "gateway") return view.gateway.name === name;
  const reached = kind === "route" ? view.routes : view.services;
  return reached.some((thing) => thing.name === name);
}

function scopeJson(shedding: Shedding, view: GatewayView): JsonObject {
  const { target, tiers, unmatched, limit, answer, exempt } = shedding;
  const service = target.kind === "service" && view.services.find((s) => s.name === target.name);
  return {
    name: shedding.name,
    mode: shedding.mode.toUpperCase(),
    ...(service && { clusters: clusterNames(service) }),
    ...(target.kind === "route" && { routes: [routeName(target.name)] }),
    tiers: tiers.map(({ name, matches }) => ({ name, matches: matches.map(matchJson) })),
    unmatched,
    limit: { min: limit.min, max: limit.max, initial: limit.initial },
    answer: { status: answer.status, retry_after: answer.retryAfter },
    exempt: exempt.map(matchJson),
  };
}

const PATH_TYPE = { Exact: "EXACT", PathPrefix: "PREFIX" } as const;

function matchJson({ headers, path }: SheddingMatch): JsonObject {
  return {
    headers: headers.map(({ name, value }) => ({ name: name.toLowerCase(), value })),
    ...(path !== undefined && { path: { type: PATH_TYPE[path.type], value: pathValue(path) } }),
  };
}

/** A prefix as the routes have it: `/pay/` is `/pay`. */
function pathValue({ type, value }: NonNullable<SheddingMatch["path"]>): string {
  return type === "Exact" ? value : trimPrefix(value) || "/";
}

/** The ECDS resource. `filterWasm`: path of the filter on Envoy's own disk. */
export function buildFilter(filterConfig: JsonObject, filterWasm: string): EnvoyResource {
  const bytes = encodeJson(FILTER_CONFIG, filterConfig);
  const config = {
    name: SHEDDING_FILTER,
    root_id: SHEDDING_FILTER,
    vm_config: {
      vm_id: "qmesh",
      runtime: "envoy.wasm.runtime.v8",
      code: { local: { filename: filterWasm } },
    },
    configuration: {
      "@type": "type.googleapis.com/google.protobuf.BytesValue",
      value: Buffer.from(bytes).toString("base64"),
    },
    // A trap costs its own request; the default of 1 s before a new VM starts would cost every other one meanwhile.
    failure_policy: "FAIL_RELOAD",
    reload_config: { backoff: { base_interval: "0.01s" } },
  };
  const body = {
    name: SHEDDING_FILTER,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config,
    },
  };
  return { typeUrl: EXTENSION_CONFIG_TYPE, name: SHEDDING_FILTER, body };
}
