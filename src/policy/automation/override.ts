/**
 * `Override`: a person's will for a while. It sets knobs, each a path and a value, and never without an end. Who wrote it and
 * who agreed is what the file claims; an approval counts only where somebody was seen.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields } from "../fields.ts";
import type { Override } from "../intent/override.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";
import { scopeSpec, toScope } from "./scope.ts";

const LONGEST_SECONDS = 86_400;
const MODES = ["off", "shadow", "canary", "enforce"];

export const overrideSpec = fields({
  scope: scopeSpec,
  breakGlass: z.boolean().default(false),
  set: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
  ttl: span({ most: LONGEST_SECONDS }).exactOptional(),
  reason: z.string().min(1).max(1024).exactOptional(),
});

export type OverrideSpec = z.output<typeof overrideSpec>;

/** A knob an Override may set, taken apart; undefined: there is no such knob. */
export type Knob =
  | { readonly kind: "rateLimit"; readonly name: string }
  | { readonly kind: "policy"; readonly name: string }
  | { readonly kind: "canary" };

export function toKnob(path: string): Knob | undefined {
  if (path === "canary.weight") return { kind: "canary" };
  const [, kind, name] = /^(rateLimit|policy)\.([a-z0-9-]+)\.(?:factor|mode)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (kind === "rateLimit" && path.endsWith(".factor")) return { kind, name };
  return kind === "policy" && path.endsWith(".mode") ? { kind, name } : undefined;
}

export function checkOverride(draft: Draft<OverrideSpec>): void {
  const { set, ttl, reason, scope } = draft.spec;
  if (Object.keys(set).length === 0) {
    draft.lacks("QM0007", ["set"], "missing; an Override sets something, such as canary.weight: 5");
  }
  if (ttl === undefined)
    draft.lacks("QM0126", ["ttl"], "missing; an Override ends by itself within 24h");
  if (reason === undefined) draft.lacks("QM0007", ["reason"], "missing; an Override says why");
  if (draft.metadata.by === undefined && !draft.isWritten(["metadata", "by"])) {
    draft.wrongOutside("QM0007", ["metadata", "by"], "missing; an Override says who wants it");
  }
  for (const [path, value] of Object.entries(set)) {
    const fault = knobFault(path, { value, hasService: scope.service !== undefined });
    if (fault !== undefined) draft.wrong("QM0012", ["set", path], fault);
  }
}

/** Rest of a sentence about the knob; undefined: it may be set so. */
export function knobFault(
  path: string,
  { value, hasService }: { value: number | string; hasService: boolean },
): string | undefined {
  const knob = toKnob(path);
  if (knob === undefined) {
    return "is no knob; there are rateLimit.NAME.factor, policy.NAME.mode and canary.weight";
  }
  if (knob.kind === "policy") {
    const isMode = typeof value === "string" && MODES.includes(value);
    return isMode ? undefined : `${show(value)} is not one of ${MODES.join(", ")}`;
  }
  if (knob.kind === "canary" && !hasService)
    return "needs scope.service, the Service that is rolled out";
  const most = knob.kind === "canary" ? 100 : 10;
  const isInside = typeof value === "number" && value >= 0 && value <= most;
  return isInside ? undefined : `${show(value)} is not a number from 0 to ${most}`;
}

export function toOverride(draft: Draft<OverrideSpec>): Override {
  const { scope, breakGlass, set, ttl, reason } = draft.spec;
  const { by, approvedBy } = draft.metadata;
  if (ttl === undefined || reason === undefined || by === undefined) {
    throw new Error(`invariant: Override ${draft.name} was not checked`);
  }
  return {
    name: draft.name,
    by,
    approvedBy: approvedBy ?? [],
    scope: toScope(scope),
    breakGlass,
    set,
    ttlSeconds: ttl,
    reason,
  };
}
