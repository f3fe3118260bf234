/**
 * CORS filter of an HTTPRoute rule (experimental in the standard): which pages of other origins a browser lets call it. The
 * proxy answers preflights by itself. An origin is exact, `*`, or has one `*` in front of its host.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, text } from "./fields.ts";
import type { Cors } from "./intent/route-filter.ts";
import { headerName } from "./names.ts";
import type { Path } from "./path.ts";
import { show } from "./show.ts";

const ORIGIN =
  /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)$/;

const origin = text((value) =>
  ORIGIN.test(value)
    ? undefined
    : `QM0024 ${show(value)} is not an origin such as https://shop.example, https://*.shop.example or *`,
).meta({ pattern: ORIGIN.source });

const METHOD = /^(?:\*|[A-Z]{1,16})$/;

const method = text((value) =>
  METHOD.test(value) ? undefined : `QM0024 ${show(value)} is not a method such as GET, or *`,
);

/** Seconds a browser remembers the answer, as in the standard. */
const MAX_AGE = { usual: 5, most: 86_400 };

export const corsSpec = fields({
  allowOrigins: z.array(origin).min(1).max(64),
  allowCredentials: z.boolean().default(false),
  allowMethods: z.array(method).max(9).default([]),
  allowHeaders: z.array(headerName).max(64).default([]),
  exposeHeaders: z.array(headerName).max(64).default([]),
  maxAge: z.int().min(1).max(MAX_AGE.most).default(MAX_AGE.usual),
});

export type CorsSpec = z.output<typeof corsSpec>;

const LISTS = ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders"] as const;

export function checkCors(draft: Draft<unknown>, spec: CorsSpec, path: Path): void {
  for (const list of LISTS) {
    refuseRepeats(draft, { path: [...path, list], names: spec[list], field: "" });
    const star = spec[list].indexOf("*");
    if (!spec.allowCredentials || star < 0 || list === "allowOrigins") continue;
    const message = "* means nothing to a browser that sends credentials; write the names";
    draft.wrong("QM0121", [...path, list, star], message);
  }
}

export function toCors({ maxAge, ...rest }: CorsSpec): Cors {
  return { ...rest, maxAgeSeconds: maxAge };
}
