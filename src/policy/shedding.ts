/**
 * `Shedding`: what the filter does for one target, whose requests share one limit. A request takes the first tier that matches;
 * what matches nothing takes `unmatched`, by default the tier without matches, else the last. Bounds are those the filter
 * has room for. `floor` and `value` are for Policies and do nothing where there are none.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { Shedding, SheddingMatch } from "./intent/shedding.ts";
import { headerName, headerValue, label } from "./names.ts";
import { didYouMeanOneOf } from "./nearest.ts";
import type { Path } from "./path.ts";
import { pathFault, toPrefix } from "./request-path.ts";
import { wrongValue } from "./route-match.ts";
import { checkTarget, targetOf, targetSpec } from "./target.ts";
import { checkTenant, tenantSpec } from "./tenant.ts";
import { checkTrust, trustSpec } from "./trust.ts";

const MOST_TIERS = 8;
const MOST_MATCHES = 16;
const MOST_HEADERS = 8;
const MOST_INFLIGHT = 100_000;
/** Bounds for which nothing is written; `initial` is brought inside bounds that are. */
const LIMIT = { min: 4, max: 1000, initial: 16 };

const REGEX = "regular expressions in the filter are";

/** The filter takes no control character at all; Envoy's own matches take a tab. */
const filterValue = headerValue.superRefine((value, context) => {
  const message = "QM0017 the filter matches no value with a tab";
  if (value.includes("\t")) context.addIssue({ code: "custom", message });
});

const match = fields(
  {
    headers: z
      .array(
        fields({
          type: oneOf(["Exact"], { RegularExpression: REGEX }).exactOptional(),
          name: headerName,
          value: filterValue,
        }),
      )
      .max(MOST_HEADERS)
      .default([]),
    path: fields({
      type: oneOf(["Exact", "PathPrefix"], { RegularExpression: REGEX }).default("PathPrefix"),
      value: z.string(),
    }).exactOptional(),
  },
  {
    method: "matches on method in the filter are",
    queryParams: "matches on query in the filter are",
  },
);

const matches = z.array(match).max(MOST_MATCHES).default([]);

const tier = fields({
  name: label,
  floor: z.number().min(0).max(1).exactOptional(),
  value: z.number().min(0).max(1_000_000).exactOptional(),
  matches,
});

const inflight = z.int().min(1).max(MOST_INFLIGHT);

/** Sheddings one gateway's filter holds: its memory is of fixed size. */
export const MAX_SHEDDINGS = 32;

export const sheddingSpec = fields({
  target: targetSpec,
  mode: oneOf(["off", "shadow", "enforce"]).default("enforce"),
  tiers: z.array(tier).max(MOST_TIERS).default([]),
  unmatched: z.string().exactOptional(),
  limit: fields({
    min: inflight.exactOptional(),
    max: inflight.exactOptional(),
    initial: inflight.exactOptional(),
  }).default({}),
  answer: fields({
    status: z
      .literal([429, 503], {
        error: ({ input }) =>
          typeof input === "number" ? `QM0012 ${input} is not one of 429, 503` : undefined,
      })
      .default(429),
    retryAfter: z.boolean().default(true),
    loadReport: z.boolean().default(false),
  }).default({ status: 429, retryAfter: true, loadReport: false }),
  exempt: matches,
  tenant: tenantSpec.exactOptional(),
  trust: trustSpec,
});

export type SheddingSpec = z.output<typeof sheddingSpec>;
type MatchSpec = z.output<typeof match>;

/** `hasPolicies`: whether anything in the set looks at floors and values. */
export function checkShedding(
  draft: Draft<SheddingSpec>,
  {
    hasPolicies,
    services,
  }: {
    readonly hasPolicies: boolean;
    readonly services: Parameters<typeof checkTrust>[2];
  },
): void {
  const { tiers, exempt } = draft.spec;
  checkTarget(draft);
  if (tiers.length === 0) draft.lacks("QM0007", ["tiers"], "missing; a Shedding needs a tier");
  refuseRepeats(draft, { path: ["tiers"], names: tiers.map(({ name }) => name), field: "name" });
  for (const [index, { matches }] of tiers.entries()) {
    checkMatches(draft, matches, ["tiers", index, "matches"]);
  }
  checkMatches(draft, exempt, ["exempt"]);
  checkUnmatched(draft);
  checkLimit(draft);
  checkTenant(draft);
  checkTrust(draft, headersRead(draft.spec), services);
  if (!hasPolicies) warnOfBounds(draft);
}

function headersRead({ tiers, exempt, tenant }: SheddingSpec): ReadonlySet<string> {
  const all = [...tiers.flatMap(({ matches }) => matches), ...exempt];
  const names = all.flatMap(({ headers }) => headers.map(({ name }) => name));
  return new Set(tenant === undefined ? names : [...names, tenant.header]);
}

function checkMatches(draft: Draft<SheddingSpec>, list: readonly MatchSpec[], path: Path): void {
  for (const [index, { headers, path: requestPath }] of list.entries()) {
    const here = [...path, index];
    if (headers.length === 0 && requestPath === undefined) {
      draft.lacks("QM0116", here, "holds every request; give it headers or a path");
    }
    refuseRepeats(draft, {
      path: [...here, "headers"],
      names: headers.map(({ name }) => name),
      field: "name",
    });
    const fault = requestPath === undefined ? undefined : pathFault(requestPath.value);
    if (fault !== undefined && !draft.isDamaged([...here, "path"])) {
      wrongValue(draft, [...here, "path", "value"], fault);
    }
  }
}

function checkUnmatched(draft: Draft<SheddingSpec>): void {
  const { tiers, unmatched } = draft.spec;
  const open = [...tiers.entries()].filter(
    ([index, { matches }]) => matches.length === 0 && !draft.isDamaged(["tiers", index, "matches"]),
  );
  for (const [index, { name }] of open.slice(1)) {
    const message = `${name} has no matches, as ${open[0]?.[1].name} has; only one tier may`;
    draft.wrong("QM0105", ["tiers", index], message);
  }
  const names = tiers.map(({ name }) => name);
  if (unmatched === undefined || names.includes(unmatched) || draft.hasLost(["tiers"])) return;
  const hint = didYouMeanOneOf(unmatched, names, "tiers");
  draft.wrong("QM0106", ["unmatched"], `there is no tier ${unmatched}${hint}`);
}

function checkLimit(draft: Draft<SheddingSpec>): void {
  const { min, max, initial } = toLimit(draft.spec.limit);
  if (min > max) draft.wrong("QM0107", ["limit", "min"], `${min} is above max, ${max}`);
  else if (initial > max)
    draft.wrong("QM0107", ["limit", "initial"], `${initial} is above max, ${max}`);
  else if (initial < min)
    draft.wrong("QM0107", ["limit", "initial"], `${initial} is below min, ${min}`);
}

function warnOfBounds(draft: Draft<SheddingSpec>): void {
  for (const [index, { floor, value, name }] of draft.spec.tiers.entries()) {
    if (floor === undefined && value === undefined) continue;
    const field = floor === undefined ? "value" : "floor";
    const what =
      floor !== undefined && value !== undefined ? "floor and value bind" : `${field} binds`;
    const effect = value !== undefined && floor !== undefined ? "have" : "has";
    const message = `${what} Policies and ${effect} no effect until one names tier ${name}`;
    draft.wrong("QM0902", ["tiers", index, field], message);
  }
}

export function toShedding(draft: Draft<SheddingSpec>, owner: string): Shedding {
  const { spec } = draft;
  const target = targetOf(spec);
  if (target === undefined) throw new Error(`invariant: Shedding ${draft.name} has no target`);
  return {
    name: draft.name,
    owner,
    target,
    mode: spec.mode,
    tiers: spec.tiers.map(({ name, floor, value, matches }) => ({
      name,
      ...(floor !== undefined && { floorRatio: floor }),
      ...(value !== undefined && { value }),
      matches: matches.map(toMatch),
    })),
    unmatched: toUnmatched(spec),
    limit: toLimit(spec.limit),
    answer: spec.answer,
    exempt: spec.exempt.map(toMatch),
    ...(spec.tenant !== undefined && { tenant: spec.tenant }),
    meshOnlyHeaders: spec.trust.map(({ header }) => header),
  };
}

function toUnmatched({ tiers, unmatched }: SheddingSpec): number {
  const named = tiers.findIndex(({ name }) => name === unmatched);
  if (named >= 0) return named;
  const open = tiers.findIndex(({ matches }) => matches.length === 0);
  return open >= 0 ? open : tiers.length - 1;
}

function toLimit(written: SheddingSpec["limit"]): Shedding["limit"] {
  const min =
    written.min ?? Math.min(LIMIT.min, written.max ?? LIMIT.max, written.initial ?? LIMIT.min);
  const max = written.max ?? Math.max(LIMIT.max, min, written.initial ?? 0);
  const initial = written.initial ?? Math.max(min, Math.min(max, LIMIT.initial));
  return { min, max, initial };
}

function toMatch({ headers, path }: MatchSpec): SheddingMatch {
  return {
    headers: headers.map(({ name, value }) => ({ name, value })),
    ...(path !== undefined && {
      path: {
        type: path.type,
        value: path.type === "PathPrefix" ? toPrefix(path.value) : path.value,
      },
    }),
  };
}
