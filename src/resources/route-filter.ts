import type { RouteRule } from "../policy/intent/route.ts";
import type { HeaderEdit, RouteFilter } from "../policy/intent/route-filter.ts";
import type { RouteMatch } from "../policy/intent/route-match.ts";
import type { Catalog } from "./catalog.ts";
import { corsJson } from "./cors.ts";
import { faultJson } from "./fault.ts";
import { rewriteJson } from "./path-rewrite.ts";
import type { Json, JsonObject } from "./resource.ts";
import { splitBackends, total } from "./split.ts";

/** What a rule's filters add to an Envoy `Route` (`headerJson`), to its `RouteAction` or to its `RedirectAction`. */
type Filter<K extends RouteFilter["kind"]> = Extract<RouteFilter, { kind: K }>;

function ofKind<K extends RouteFilter["kind"]>(
  filters: readonly RouteFilter[],
  kind: K,
): Filter<K>[] {
  return filters.filter((filter): filter is Filter<K> => filter.kind === kind);
}

export function headerJson(filters: readonly RouteFilter[]): JsonObject {
  return {
    ...editJson(ofKind(filters, "requestHeaders"), "request"),
    ...editJson(ofKind(filters, "responseHeaders"), "response"),
  };
}

/** What filters of the connection manager do for a `Route`. */
export function filterConfigJson(rule: RouteRule, { faults }: Catalog): JsonObject {
  const [cors] = ofKind(rule.filters, "cors");
  const configs = { ...(cors && corsJson(cors)), ...faultJson(faults, rule) };
  return Object.keys(configs).length === 0 ? {} : { typed_per_filter_config: configs };
}

function editJson(
  filters: readonly { readonly edit: HeaderEdit }[],
  side: "request" | "response",
): JsonObject {
  const add = filters.flatMap(({ edit }) => [
    ...edit.set.map((header) => headerOption(header, "OVERWRITE_IF_EXISTS_OR_ADD")),
    ...edit.add.map((header) => headerOption(header, "APPEND_IF_EXISTS_OR_ADD")),
  ]);
  const remove = filters.flatMap(({ edit }) => edit.remove);
  return {
    ...(add.length > 0 && { [`${side}_headers_to_add`]: add }),
    ...(remove.length > 0 && { [`${side}_headers_to_remove`]: remove }),
  };
}

function headerOption(
  header: { readonly name: string; readonly value: string },
  append_action: string,
): JsonObject {
  return {
    // Envoy reads `%...%` as a command; Gateway API knows none.
    header: { key: header.name, value: header.value.replaceAll("%", "%%") },
    append_action,
    ...(header.value === "" && { keep_empty_value: true }),
  };
}

const REDIRECT_CODE = {
  301: "MOVED_PERMANENTLY",
  302: "FOUND",
  303: "SEE_OTHER",
  307: "TEMPORARY_REDIRECT",
  308: "PERMANENT_REDIRECT",
} as const;

/** `RedirectAction`; undefined: the rule does not redirect. */
export function redirectJson(
  filters: readonly RouteFilter[],
  path: RouteMatch["path"],
  listenerPort: number,
): JsonObject | undefined {
  const [filter] = ofKind(filters, "redirect");
  if (filter === undefined) return undefined;
  const { scheme, hostname } = filter;
  const port = filter.port ?? derivedPort(filter, listenerPort);
  return {
    ...(scheme !== undefined && { scheme_redirect: scheme }),
    ...(hostname !== undefined && { host_redirect: hostname }),
    ...(port !== undefined && { port_redirect: port }),
    ...(filter.path?.type === "ReplaceFullPath"
      ? { path_redirect: filter.path.value }
      : filter.path !== undefined && rewriteJson(filter.path, path)),
    response_code: REDIRECT_CODE[filter.statusCode],
  };
}

/**
 * Port of the Location when the filter names none: the scheme's own, else the listener's. Undefined: Envoy's URL is
 * right as it is, because a new host comes without a port and an unchanged host keeps the client's.
 */
function derivedPort(filter: Filter<"redirect">, listenerPort: number): number | undefined {
  if (filter.scheme !== undefined) {
    // A kept Host header may carry the port of the old scheme.
    if (filter.hostname !== undefined) return undefined;
    return filter.scheme === "https" ? 443 : 80;
  }
  if (filter.hostname === undefined || listenerPort === 80 || listenerPort === 0) return undefined;
  return listenerPort;
}

/** Rewrites and mirrors of a `RouteAction`. */
export function actionJson(
  filters: readonly RouteFilter[],
  path: RouteMatch["path"],
  catalog: Catalog,
): JsonObject {
  const mirrors = ofKind(filters, "mirror").flatMap((filter) => mirrorJson(filter, catalog));
  const [rewrite] = ofKind(filters, "rewrite");
  return {
    ...(rewrite?.hostname !== undefined && { host_rewrite_literal: rewrite.hostname }),
    ...(rewrite?.path !== undefined && rewriteJson(rewrite.path, path)),
    ...(mirrors.length > 0 && { request_mirror_policies: mirrors }),
  };
}

const MILLION = 1_000_000;

/** A mirror goes to one cluster, so each version of a mirrored service has its own, drawn on its own. */
function mirrorJson({ backend, fraction }: Filter<"mirror">, catalog: Catalog): Json[] {
  const clusters = splitBackends([{ ...backend, weight: 1 }], catalog);
  const sum = total(clusters);
  return clusters
    .filter(({ weight }) => weight > 0)
    .map(({ name, weight }) => {
      const ratio = (fraction.numerator / fraction.denominator) * (weight / sum);
      const numerator = Math.round(ratio * MILLION);
      return {
        cluster: name,
        runtime_fraction: { default_value: { numerator, denominator: "MILLION" } },
      };
    });
}
