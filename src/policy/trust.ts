/**
 * Headers that count only from peers of the mesh. A header that nobody verified is stripped before anything reads it; a header
 * not named here counts from anyone. A gateway's peers are clients, so it strips what is named here from every request; a sidecar
 * believes callers that show a certificate of the mesh, and without `tls` on its Service those over loopback.
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

/** `read`: names of the headers that tiers, exemptions and the tenant look at. `services`: those of the set. */
export function checkTrust(
  draft: Draft<TrustingSpec>,
  read: ReadonlySet<string>,
  services: readonly Draft<CertifiedSpec>[],
): void {
  const names = draft.spec.trust.map(({ header }) => header);
  refuseRepeats(draft, { path: ["trust"], names, field: "header" });
  const { service } = draft.spec.target;
  const own = services.find(({ name }) => name === service);
  if (own?.spec.tls !== undefined && own.spec.sidecar !== undefined) return;
  for (const [index, name] of names.entries()) {
    if (!read.has(name)) continue;
    const advice =
      service === undefined
        ? ""
        : `; with tls on Service ${service} its sidecars believe callers by certificate`;
    const message = `a gateway strips ${name} from every request, and a sidecar from those whose peer is not verified${advice}`;
    draft.wrong("QM0904", ["trust", index, "header"], message);
  }
}

interface TrustingSpec {
  readonly trust: z.output<typeof trustSpec>;
  readonly target: { readonly service?: string };
}

interface CertifiedSpec {
  readonly tls?: unknown;
  readonly sidecar?: unknown;
}
