/**
 * Headers that count only from peers of the mesh. A header that nobody verified is stripped before anything reads it; a header
 * not named here counts from anyone. No peer is verified by certificate yet, so a gateway strips what is named here from every
 * request, and a sidecar from every request that does not come over loopback.
 */
import { z } from "zod";
import { type Draft, refuseRepeats } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import { headerName } from "./names.ts";

const MOST_TRUSTED = 16;

const strippable = headerName.superRefine((value, context) => {
  const message = "QM0017 host is in every request; it cannot be stripped";
  if (value === "host") context.addIssue({ code: "custom", message });
});

export const trustSpec = z
  .array(fields({ header: strippable, from: oneOf(["mesh"]) }))
  .max(MOST_TRUSTED)
  .default([]);

/** `read`: names of the headers that tiers, exemptions and the tenant look at. */
export function checkTrust(
  draft: Draft<{ readonly trust: z.output<typeof trustSpec> }>,
  read: ReadonlySet<string>,
): void {
  const names = draft.spec.trust.map(({ header }) => header);
  refuseRepeats(draft, { path: ["trust"], names, field: "header" });
  for (const [index, name] of names.entries()) {
    if (!read.has(name)) continue;
    const message = `peers are not verified by certificate yet: a gateway strips ${name} from every request and a sidecar from all but loopback's, and what reads it here then finds nothing`;
    draft.wrong("QM0904", ["trust", index, "header"], message);
  }
}
