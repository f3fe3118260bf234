/**
 * Tenants of a Shedding: a header whose value names who a request is for. Inside a tier every tenant has a fair share of what
 * the limit lets through, in proportion to its weight; a tenant without one weighs 1. Bounds are those the filter has room for.
 */
import { z } from "zod";
import type { Draft } from "./draft.ts";
import { fields, text } from "./fields.ts";
import { headerName } from "./names.ts";
import { show } from "./show.ts";

const MOST_WEIGHTS = 64;
/** A share below a thousandth of a usual one, or above a thousand of them, is a slip of the keyboard. */
const WEIGHT = { least: 0.001, most: 1000 };
/** Long enough for any identifier, short enough for the filter's memory. */
const VALUE = /^[\x21-\x7e\x80-\uffff](?:[\x20-\x7e\x80-\uffff]{0,126}[\x21-\x7e\x80-\uffff])?$/;

const tenantName = text((value) =>
  VALUE.test(value)
    ? undefined
    : `QM0017 ${show(value)} is not a tenant: 1 to 128 characters, none a control, no blank at the ends`,
).meta({ pattern: VALUE.source });

export const tenantSpec = fields({
  header: headerName,
  weights: z
    .record(tenantName, z.number().min(WEIGHT.least).max(WEIGHT.most))
    .default({})
    .meta({ maxProperties: MOST_WEIGHTS }),
});

export function checkTenant(draft: Draft<{ readonly tenant?: z.output<typeof tenantSpec> }>): void {
  const count = Object.keys(draft.spec.tenant?.weights ?? {}).length;
  if (count <= MOST_WEIGHTS) return;
  draft.wrong("QM0021", ["tenant", "weights"], `${count} entries; at most ${MOST_WEIGHTS}`);
}
