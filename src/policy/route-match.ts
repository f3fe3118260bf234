/** What an HTTPRoute rule matches on: path, method, headers and query parameters, all of which must hold. */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { RouteMatch } from "./intent/route-match.ts";
import { headerName, headerValue, queryName, queryValue } from "./names.ts";
import type { Path } from "./path.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { regexFault } from "./regex.ts";
import { pathFault, toPrefix } from "./request-path.ts";

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
] as const;

const valueType = oneOf(["Exact", "RegularExpression"]).default("Exact");

const pathMatch = fields({
  type: oneOf(["Exact", "PathPrefix", "RegularExpression"]).default("PathPrefix"),
  value: z.string().default("/"),
});

export const routeMatch = fields({
  path: pathMatch.default({ type: "PathPrefix", value: "/" }),
  method: oneOf(METHODS).exactOptional(),
  headers: z
    .array(fields({ type: valueType, name: headerName, value: headerValue }))
    .max(16)
    .default([]),
  queryParams: z
    .array(fields({ type: valueType, name: queryName, value: queryValue }))
    .max(16)
    .default([]),
});

type RouteMatchSpec = z.output<typeof routeMatch>;

/** What a rule without `matches` matches. */
export const MATCH_ALL: RouteMatch = {
  path: { type: "PathPrefix", value: "/" },
  headers: [],
  queryParams: [],
};

export function checkMatch(draft: Draft<unknown>, match: RouteMatchSpec, path: Path): void {
  const { type, value } = match.path;
  const fault = type === "RegularExpression" ? regexFault(value) : pathFault(value);
  if (fault !== undefined && !draft.isDamaged([...path, "path"])) {
    wrongValue(draft, [...path, "path", "value"], fault);
  }
  for (const list of ["headers", "queryParams"] as const) {
    const entries = match[list];
    for (const [index, entry] of entries.entries()) {
      const wrong = entry.type === "RegularExpression" ? regexFault(entry.value) : undefined;
      if (wrong !== undefined) wrongValue(draft, [...path, list, index, "value"], wrong);
    }
    refuseRepeats(draft, {
      path: [...path, list],
      names: entries.map(({ name }) => name),
      field: "name",
    });
  }
}

/** Reports a fault given as `CODE sentence`. */
export function wrongValue(draft: Draft<unknown>, path: Path, fault: string): void {
  draft.wrong(fault.slice(0, 6) as ProblemCode, path, fault.slice(7));
}

export function toMatch({ path, method, headers, queryParams }: RouteMatchSpec): RouteMatch {
  const value = path.type === "PathPrefix" ? toPrefix(path.value) : path.value;
  return {
    path: { type: path.type, value },
    ...(method !== undefined && { method }),
    headers,
    queryParams,
  };
}
