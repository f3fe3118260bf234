/**
 * `tls` of a Service: how its callers' Envoys reach it. `permissive` and `strict` are for a Service with sidecars: callers show each
 * other certificates of the mesh, which the control plane hands out. Between the two stands who has none: let in, and believed
 * in nothing, or not let in. `simple` is for a Service outside the mesh: it shows a certificate for `hostname` of the
 * authorities in the file `ca`, and asks for none.
 */
import { z } from "zod";
import type { ReadBeside } from "./beside-file.ts";
import type { Draft } from "./draft.ts";
import { fields, variant } from "./fields.ts";
import type { ServiceTls } from "./intent/service.ts";
import { hostname } from "./names.ts";
import { certificateFault } from "./tls.ts";

const plainHostname = hostname.superRefine((name, context) => {
  const message = "QM0016 a certificate is asked for one name, without `*.`";
  if (name.startsWith("*")) context.addIssue({ code: "custom", message });
});

export const serviceTlsSpec = variant("mode", [
  fields({ mode: z.literal("permissive") }),
  fields({ mode: z.literal("strict") }),
  fields({
    mode: z.literal("simple"),
    hostname: plainHostname,
    ca: z.string().min(1).max(4096),
  }),
]);

type ServiceTlsSpec = z.output<typeof serviceTlsSpec>;

export function checkServiceTls(
  draft: Draft<{ readonly tls?: ServiceTlsSpec; readonly sidecar?: unknown }>,
  read: ReadBeside,
): void {
  const { tls, sidecar } = draft.spec;
  if (tls === undefined) return;
  const hasSidecar = sidecar !== undefined || draft.isDamaged(["sidecar"]);
  if (tls.mode !== "simple") {
    if (hasSidecar) return;
    const message = `${tls.mode} is between Envoys of the mesh, and this Service has no sidecar; one outside the mesh takes simple`;
    draft.wrong("QM0130", ["tls", "mode"], message);
    return;
  }
  if (hasSidecar) {
    const message =
      "simple is for a Service outside the mesh, and this one has a sidecar; write permissive or strict";
    draft.wrong("QM0130", ["tls", "mode"], message);
  }
  const fault = certificateFault(read(draft.source.file, tls.ca));
  if (fault !== undefined) draft.wrong("QM0023", ["tls", "ca"], `${tls.ca} ${fault}`);
}

/** Of a spec that passed its check. */
export function toServiceTls(
  tls: ServiceTlsSpec,
  documentFile: string,
  read: ReadBeside,
): ServiceTls {
  if (tls.mode !== "simple") return tls;
  const file = read(documentFile, tls.ca);
  if (!file.ok) throw new Error(`invariant: ${tls.ca} is gone`);
  return { mode: "simple", hostname: tls.hostname, authorities: file.text };
}
