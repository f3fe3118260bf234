/**
 * What an HTTPRoute rule does to a request or its response on the way. Each filter stands at most once in a rule,
 * RequestMirror excepted; a redirect answers by itself, so it goes with neither backends nor a rewrite.
 */
import { z } from "zod";
import { mirrorRef, toBackend } from "./backend-ref.ts";
import { checkCors, corsSpec, toCors } from "./cors.ts";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf, text, variant } from "./fields.ts";
import type { HeaderEdit, PathModifier, RouteFilter } from "./intent/route-filter.ts";
import { editableHeader, headerValue, hostname } from "./names.ts";
import type { Path } from "./path.ts";
import { pathFault } from "./request-path.ts";

const preciseHostname = hostname.superRefine((value, context) => {
  const message = `QM0016 ${JSON.stringify(value)} is a wildcard; expected one hostname`;
  if (value.startsWith("*")) context.addIssue({ code: "custom", message });
});

const headerEdit = fields({
  set: z
    .array(fields({ name: editableHeader, value: headerValue }))
    .max(16)
    .default([]),
  add: z
    .array(fields({ name: editableHeader, value: headerValue }))
    .max(16)
    .default([]),
  remove: z.array(editableHeader).max(16).default([]),
});

const newPath = text(pathFault);

const pathModifier = variant("type", [
  fields({ type: z.literal("ReplaceFullPath"), replaceFullPath: newPath }),
  fields({ type: z.literal("ReplacePrefixMatch"), replacePrefixMatch: newPath }),
]);

const redirect = fields({
  scheme: oneOf(["http", "https"]).exactOptional(),
  hostname: preciseHostname.exactOptional(),
  path: pathModifier.exactOptional(),
  port: z.int().min(1).max(65535).exactOptional(),
  statusCode: z
    .literal([301, 302, 303, 307, 308], {
      error: ({ input }) =>
        typeof input === "number"
          ? `QM0012 ${input} is not one of 301, 302, 303, 307, 308`
          : undefined,
    })
    .default(302),
});

const fraction = fields({
  numerator: z.int().min(0).max(1_000_000),
  denominator: z.int().min(1).max(1_000_000).default(100),
});

const mirror = fields({
  backendRef: mirrorRef,
  percent: z.int().min(0).max(100).exactOptional(),
  fraction: fraction.exactOptional(),
});

/** What both kinds of routes take. */
export const headerAndMirrorFilters = [
  fields({ type: z.literal("RequestHeaderModifier"), requestHeaderModifier: headerEdit }),
  fields({ type: z.literal("ResponseHeaderModifier"), responseHeaderModifier: headerEdit }),
  fields({ type: z.literal("RequestMirror"), requestMirror: mirror }),
] as const;

export const routeFilter = variant(
  "type",
  [
    ...headerAndMirrorFilters,
    fields({ type: z.literal("CORS"), cors: corsSpec }),
    fields({ type: z.literal("RequestRedirect"), requestRedirect: redirect }),
    fields({
      type: z.literal("URLRewrite"),
      urlRewrite: fields({
        hostname: preciseHostname.exactOptional(),
        path: pathModifier.exactOptional(),
      }),
    }),
  ],
  {
    ExtensionRef: "filters of type ExtensionRef are",
    ExternalAuth: "filters of type ExternalAuth are",
  },
);

type RouteFilterSpec = z.output<typeof routeFilter>;
type PathModifierSpec = z.output<typeof pathModifier>;

export function pathModifierOf(
  filter: RouteFilterSpec,
): { modifier: PathModifierSpec; at: Path } | undefined {
  const field = filter.type === "URLRewrite" ? "urlRewrite" : "requestRedirect";
  const body = filter.type === "URLRewrite" ? filter.urlRewrite : undefined;
  const modifier = filter.type === "RequestRedirect" ? filter.requestRedirect.path : body?.path;
  return modifier === undefined ? undefined : { modifier, at: [field, "path"] };
}

export function checkFilters(
  draft: Draft<unknown>,
  filters: readonly RouteFilterSpec[],
  path: Path,
): void {
  for (const [index, filter] of filters.entries()) {
    const first = filters.findIndex(({ type }) => type === filter.type);
    if (first !== index && filter.type !== "RequestMirror") {
      const message = `${filter.type} is already filter ${draft.indexOf([...path, first])} of this rule`;
      draft.wrong("QM0113", [...path, index, "type"], message);
    }
    checkFilter(draft, filter, [...path, index]);
  }
  const redirects = filters.some(({ type }) => type === "RequestRedirect");
  const rewrite = filters.findIndex(({ type }) => type === "URLRewrite");
  if (redirects && rewrite >= 0) {
    const message = "a rule that redirects cannot also rewrite; take out one of the two";
    draft.wrong("QM0108", [...path, rewrite, "type"], message);
  }
}

function checkFilter(draft: Draft<unknown>, filter: RouteFilterSpec, path: Path): void {
  if (filter.type === "RequestHeaderModifier") {
    checkEdit(draft, filter.requestHeaderModifier, [...path, "requestHeaderModifier"]);
  } else if (filter.type === "ResponseHeaderModifier") {
    checkEdit(draft, filter.responseHeaderModifier, [...path, "responseHeaderModifier"]);
  } else if (filter.type === "RequestMirror") {
    checkMirror(draft, filter.requestMirror, [...path, "requestMirror"]);
  } else if (filter.type === "CORS") {
    checkCors(draft, filter.cors, [...path, "cors"]);
  }
}

function checkEdit(draft: Draft<unknown>, edit: HeaderEdit, path: Path): void {
  const names = (list: HeaderEdit["set"]) => list.map(({ name }) => name);
  refuseRepeats(draft, { path: [...path, "set"], names: names(edit.set), field: "name" });
  refuseRepeats(draft, { path: [...path, "add"], names: names(edit.add), field: "name" });
  refuseRepeats(draft, { path: [...path, "remove"], names: edit.remove, field: "" });
}

function checkMirror(draft: Draft<unknown>, mirror: MirrorSpec, path: Path): void {
  const { percent, fraction } = mirror;
  if (fraction === undefined) return;
  if (percent !== undefined) {
    draft.wrong("QM0114", [...path, "percent"], "percent and fraction say the same; keep one");
  }
  const { numerator, denominator } = fraction;
  if (numerator <= denominator || draft.isDamaged([...path, "fraction"])) return;
  const message = `${numerator} is above the denominator ${denominator}`;
  draft.wrong("QM0114", [...path, "fraction", "numerator"], message);
}

type MirrorSpec = z.output<typeof mirror>;

export function toFilter(filter: RouteFilterSpec): RouteFilter {
  switch (filter.type) {
    case "RequestHeaderModifier":
      return { kind: "requestHeaders", edit: filter.requestHeaderModifier };
    case "ResponseHeaderModifier":
      return { kind: "responseHeaders", edit: filter.responseHeaderModifier };
    case "RequestRedirect": {
      const { path, ...rest } = filter.requestRedirect;
      return { kind: "redirect", ...rest, ...(path !== undefined && { path: toModifier(path) }) };
    }
    case "URLRewrite": {
      const { path, ...rest } = filter.urlRewrite;
      return { kind: "rewrite", ...rest, ...(path !== undefined && { path: toModifier(path) }) };
    }
    case "CORS":
      return { kind: "cors", ...toCors(filter.cors) };
    case "RequestMirror":
      return toMirror(filter.requestMirror);
  }
}

function toModifier(modifier: PathModifierSpec): PathModifier {
  return modifier.type === "ReplaceFullPath"
    ? { type: modifier.type, value: modifier.replaceFullPath }
    : { type: modifier.type, value: modifier.replacePrefixMatch };
}

function toMirror({ backendRef, percent, fraction }: MirrorSpec): RouteFilter {
  const share = fraction ?? { numerator: percent ?? 100, denominator: 100 };
  return { kind: "mirror", backend: toBackend(backendRef), fraction: share };
}
