import type { CapacityMemory, ScopeMemory } from "../decide/capacity-memory.ts";
import type { SheddingMatch, Tenant } from "../policy/intent/shedding.ts";
import { compareText } from "../policy/report.ts";
import { encodeJson } from "../proto/encode-json.ts";
import { EXTENSION_CONFIG_TYPE } from "../proto/type-url.ts";
import type { HeldScope } from "./held-scope.ts";
import { SHEDDING_FILTER } from "./names.ts";
import type { EnvoyResource, JsonObject } from "./resource.ts";
import { trimPrefix } from "./route-match.ts";

/**
 * The shedding filter of one node: one plugin whose configuration holds every Shedding of that node.
 * The VM's part never changes: equal `vm_id` and code let Envoy keep its VMs, and with them the learned limits, over a
 * push; everything that moves is in `configuration`.
 */
const FILTER_CONFIG = "qmesh.filter.v1.FilterConfig";

/** Layout of `FilterConfig` written here, and the oldest filter that may read it. */
const FORMAT = 1;
const MIN_READER = 1;

/** The filter refuses more; said here, where the operator sees it before any Envoy does. */
const MAX_CONFIG_BYTES = 65_536;

/** `qmesh.filter.v1.FilterConfig` in proto3 JSON: what the bytes in `buildFilter` say, for people. */
export function buildFilterConfig(
  scopes: readonly HeldScope[],
  memory: CapacityMemory,
): JsonObject {
  return {
    format: FORMAT,
    min_reader: MIN_READER,
    scopes: scopes.map((scope) =>
      scopeJson(scope, scope.role === "limiting" ? memory.get(scope.shedding.name) : undefined),
    ),
  };
}

function scopeJson(scope: HeldScope, memory: ScopeMemory | undefined): JsonObject {
  const { shedding, role, clusters, routes } = scope;
  const { name, mode, tiers, unmatched, limit, answer, exempt, tenant } = shedding;
  return {
    name,
    mode: mode.toUpperCase(),
    ...(clusters.length > 0 && { clusters }),
    ...(routes.length > 0 && { routes }),
    tiers: tiers.map(({ name, matches }) => ({ name, matches: matches.map(matchJson) })),
    unmatched,
    limit: { min: limit.min, max: limit.max, initial: limit.initial },
    answer: {
      status: answer.status,
      retry_after: answer.retryAfter,
      ...(answer.loadReport && role === "limiting" && { load_report: true }),
    },
    exempt: exempt.map(matchJson),
    ...(memory !== undefined && {
      memory: { limit: memory.limit, baseline_ms: memory.baselineMs },
    }),
    ...(tenant !== undefined && { tenant: tenantJson(tenant) }),
    ...(role === "outbound" && { role: "OUTBOUND" }),
  };
}

/** By value, so that the order of the intent never shows. */
function tenantJson({ header, weights }: Tenant): JsonObject {
  const entries = Object.entries(weights).sort(([a], [b]) => compareText(a, b));
  return { header, weights: entries.map(([value, weight]) => ({ value, weight })) };
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
  if (bytes.length > MAX_CONFIG_BYTES) {
    throw new Error(
      `the Sheddings of one node take ${bytes.length} bytes as the filter's configuration, above ${MAX_CONFIG_BYTES}: write fewer matches or weights, or let fewer Sheddings meet there`,
    );
  }
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
