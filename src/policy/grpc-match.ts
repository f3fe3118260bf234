/**
 * What a GRPCRoute rule matches on: service and method of the call, which are its path (`/shop.Cart/Add`), and headers. A
 * part that is left out is any. Only gRPC calls match, by their content type.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { RouteMatch } from "./intent/route-match.ts";
import { headerName, headerValue } from "./names.ts";
import type { Path } from "./path.ts";
import { regexFault } from "./regex.ts";
import { MATCH_ALL, wrongValue } from "./route-match.ts";
import { show } from "./show.ts";

const valueType = oneOf(["Exact", "RegularExpression"]).default("Exact");

export const grpcMatch = fields({
  method: fields({
    type: valueType,
    service: z.string().min(1).max(1024).exactOptional(),
    method: z.string().min(1).max(1024).exactOptional(),
  }).exactOptional(),
  headers: z
    .array(fields({ type: valueType, name: headerName, value: headerValue }))
    .max(16)
    .default([]),
});

type GrpcMatchSpec = z.output<typeof grpcMatch>;
type MethodSpec = NonNullable<GrpcMatchSpec["method"]>;

/** What a rule without `matches` matches: every call. */
export const MATCH_ALL_GRPC: RouteMatch = { ...MATCH_ALL, grpc: { service: "", method: "" } };

const NAMES = {
  service: /^[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/,
  method: /^[A-Za-z_][A-Za-z_0-9]*$/,
} as const;

export function checkGrpcMatch(draft: Draft<unknown>, match: GrpcMatchSpec, path: Path): void {
  if (match.method !== undefined) checkMethod(draft, match.method, [...path, "method"]);
  for (const [index, { type, value }] of match.headers.entries()) {
    const fault = type === "RegularExpression" ? regexFault(value) : undefined;
    if (fault !== undefined) wrongValue(draft, [...path, "headers", index, "value"], fault);
  }
  const names = match.headers.map(({ name }) => name);
  refuseRepeats(draft, { path: [...path, "headers"], names, field: "name" });
}

function checkMethod(draft: Draft<unknown>, spec: MethodSpec, path: Path): void {
  if (spec.service === undefined && spec.method === undefined) {
    draft.lacks(
      "QM0116",
      path,
      "names neither service nor method; leave it out to match every call",
    );
    return;
  }
  if (draft.isDamaged(path)) return;
  if (spec.type === "RegularExpression") {
    const fault = partFault(spec) ?? regexFault(methodRegex(spec));
    if (fault !== undefined) wrongValue(draft, path, fault);
    return;
  }
  for (const part of ["service", "method"] as const) {
    const name = spec[part];
    if (name === undefined || NAMES[part].test(name)) continue;
    draft.wrong("QM0022", [...path, part], `${show(name)} is not the name of a gRPC ${part}`);
  }
}

/** Each part must be an expression by itself: `a)|(b` would be one only inside the whole. */
function partFault({ service, method }: MethodSpec): string | undefined {
  return [service, method]
    .filter((part) => part !== undefined)
    .map(regexFault)
    .find((fault) => fault !== undefined);
}

export function toGrpcMatch({ method, headers }: GrpcMatchSpec): RouteMatch {
  const grpc = { service: method?.service ?? "", method: method?.method ?? "" };
  return { ...MATCH_ALL, path: toPath(method), headers, grpc };
}

function toPath(spec: MethodSpec | undefined): RouteMatch["path"] {
  if (spec === undefined) return MATCH_ALL.path;
  const { type, service, method } = spec;
  if (type === "RegularExpression" || service === undefined) {
    return { type: "RegularExpression", value: methodRegex(spec) };
  }
  if (method === undefined) return { type: "PathPrefix", value: `/${service}` };
  return { type: "Exact", value: `/${service}/${method}` };
}

function methodRegex({ service = "[^/]+", method = "[^/]+" }: MethodSpec): string {
  return `/(?:${service})/(?:${method})`;
}
