import type { PathModifier } from "../policy/intent/route-filter.ts";
import type { RouteMatch } from "../policy/intent/route-match.ts";
import type { JsonObject } from "./resource.ts";
import { trimPrefix } from "./route-match.ts";

/**
 * A path modifier as the rewrite fields that `RouteAction` and `RedirectAction` share. Gateway API replaces whole path
 * elements: `/pay` -> `/` turns `/pay/x` into `/x`, and `/` -> `/v2` turns `/x` into `/v2/x`; Envoy's `prefix_rewrite`
 * replaces characters, so those two need a form of their own. The query is kept.
 * https://gateway-api.sigs.k8s.io/reference/spec/#gateway.networking.k8s.io/v1.HTTPPathModifier
 */
export function rewriteJson(modifier: PathModifier, path: RouteMatch["path"]): JsonObject {
  if (modifier.type === "ReplaceFullPath") {
    return regexRewrite("^.*$", modifier.value === "" ? "/" : modifier.value);
  }
  if (path.type !== "PathPrefix") {
    throw new Error(`invariant: ReplacePrefixMatch on a path of type ${path.type}`);
  }
  const prefix = trimPrefix(path.value);
  const value = trimPrefix(modifier.value);
  if (prefix === "") return value === "" ? {} : { prefix_rewrite: `${value}/` };
  return value === "" ? regexRewrite(`^${escapeRegex(prefix)}/*`, "/") : { prefix_rewrite: value };
}

function regexRewrite(regex: string, text: string): JsonObject {
  // In a substitution `\1` is a group.
  return { regex_rewrite: { pattern: { regex }, substitution: text.replaceAll("\\", "\\\\") } };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
