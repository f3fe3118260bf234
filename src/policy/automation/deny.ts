/** Whom an action denies: `principal`, `cidr`, `header` and `claim` that must all be so, or `any` of several such. */
import { isIP } from "node:net";
import { z } from "zod";
import { fields, text } from "../fields.ts";
import type { PolicyAction, Suspect } from "../intent/action.ts";
import { headerName, headerValue } from "../names.ts";
import { show } from "../show.ts";

const FROM_SIGNAL = /^\$signal\.[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const principal = text((value) =>
  /^\$/.test(value) && !FROM_SIGNAL.test(value)
    ? `QM0012 ${show(value)} is not of the form $signal.NAME`
    : undefined,
).min(1);
const cidr = text((value) => {
  const [address = "", bits = "", ...rest] = value.split("/");
  const family = isIP(address);
  const isRange = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  if (FROM_SIGNAL.test(value) || (family !== 0 && isRange && rest.length === 0)) return undefined;
  return `QM0020 ${show(value)} is not an address range such as 10.1.2.0/24, nor $signal.NAME`;
});
const claimName = z.string().min(1).max(128);

const suspect = {
  principal: principal.exactOptional(),
  cidr: cidr.exactOptional(),
  header: fields({ name: headerName, value: headerValue }).exactOptional(),
  claim: fields({ name: claimName, value: principal }).exactOptional(),
  /** Short for the claim `jti`. */
  jti: principal.exactOptional(),
} as const;

export const denySpec = fields({
  service: z.string().min(1).max(253).exactOptional(),
  ...suspect,
  any: z.array(fields(suspect)).min(1).max(8).exactOptional(),
});

type DenySpec = z.output<typeof denySpec>;
type SuspectSpec = NonNullable<DenySpec["any"]>[number];

/** Rest of a sentence about the whole; undefined: it may be so. */
export function denyFault({ any, service: _, ...one }: DenySpec): string | undefined {
  const written = Object.values(one).some((part) => part !== undefined);
  if (any !== undefined && written) return "any and the fields of one are both there; keep one";
  return (any ?? [one]).map(suspectFault).find((fault) => fault !== undefined);
}

function suspectFault({ principal, cidr, header, claim, jti }: SuspectSpec): string | undefined {
  if (claim !== undefined && jti !== undefined) return "claim and jti are both there; keep one";
  const named = [principal, cidr, header, claim, jti].some((part) => part !== undefined);
  return named ? undefined : "denies everybody; write principal, cidr, header, claim or jti";
}

/** Those whom a denial names, one by one. */
export function suspectSpecs({ any, service: _, ...one }: DenySpec): readonly SuspectSpec[] {
  return any ?? [one];
}

export function toDeny({ service, any, ...one }: DenySpec): PolicyAction {
  return {
    kind: "deny",
    ...(service !== undefined && { service }),
    ...(any === undefined ? toSuspect(one) : { any: any.map(toSuspect) }),
  };
}

function toSuspect({ jti, ...named }: SuspectSpec): Suspect {
  return { ...named, ...(jti !== undefined && { claim: { name: "jti", value: jti } }) };
}
