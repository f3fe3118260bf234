import type { KeyMatch, RouteMatch } from "../policy/intent/route-match.ts";
import type { JsonObject } from "./resource.ts";

/**
 * One Gateway API match as `envoy.config.route.v3.RouteMatch`. A prefix is by path elements (`/pay` holds `/pay` and
 * `/pay/x`, not `/payroll`) and its trailing slash means nothing; expressions must match the whole value.
 */
export function matchJson(match: RouteMatch): JsonObject {
  const headers = [
    ...(match.method === undefined
      ? []
      : [{ name: ":method", string_match: { exact: match.method } }]),
    ...match.headers.map((header) => keyJson(header, header.name.toLowerCase())),
  ];
  const query = match.queryParams.map((param) => keyJson(param, param.name));
  return {
    ...pathJson(match.path),
    ...(headers.length > 0 && { headers }),
    ...(query.length > 0 && { query_parameters: query }),
    ...(match.grpc !== undefined && { grpc: {} }),
  };
}

/** The prefix without its trailing slashes; empty for `/`. */
export function trimPrefix(prefix: string): string {
  return prefix.replace(/\/+$/, "");
}

function pathJson({ type, value }: RouteMatch["path"]): JsonObject {
  if (type === "Exact") return { path: value };
  if (type === "RegularExpression") return { safe_regex: { regex: value } };
  const prefix = trimPrefix(value);
  return prefix === "" ? { prefix: "/" } : { path_separated_prefix: prefix };
}

function keyJson({ type, value }: KeyMatch, name: string): JsonObject {
  const string_match = type === "Exact" ? { exact: value } : { safe_regex: { regex: value } };
  return { name, string_match };
}
