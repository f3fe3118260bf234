/**
 * `tls` of a listener: where its certificate comes from. Files are looked at when the intent is read, so that a missing or wrong one is
 * told before any Envoy would refuse it; the certificate goes to Envoy as text, the key as the path of a file on Envoy's own disk, so
 * that no key is ever on the wire. A secret by name is one of Envoy's own bootstrap.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { BesideFile, ReadBeside } from "./beside-file.ts";
import type { Draft } from "./draft.ts";
import { fields, oneOf } from "./fields.ts";
import type { ListenerTls } from "./intent/gateway.ts";
import type { Path } from "./path.ts";

const CERTIFICATE = "quantum.mesh/certificate";
const PRIVATE_KEY = "quantum.mesh/privateKey";
const SECRET = "quantum.mesh/sds";

const fileName = z.string().min(1).max(4096);

export const tlsSpec = fields(
  {
    mode: oneOf(["Terminate"], { Passthrough: "listeners that pass TLS through are" }).default(
      "Terminate",
    ),
    options: fields({
      [CERTIFICATE]: fileName.exactOptional(),
      [PRIVATE_KEY]: fileName.exactOptional(),
      [SECRET]: z.string().min(1).max(253).exactOptional(),
    }).default({}),
  },
  {
    certificateRefs: "certificates from a cluster's Secrets are",
    frontendValidation: "certificates of clients are",
  },
);

type TlsSpec = z.output<typeof tlsSpec>;

export function checkTls(
  draft: Draft<unknown>,
  spec: TlsSpec,
  { path, read }: { readonly path: Path; readonly read: ReadBeside },
): void {
  const options = [...path, "options"];
  if (draft.isDamaged(options)) return;
  const { [CERTIFICATE]: certificate, [PRIVATE_KEY]: key, [SECRET]: secret } = spec.options;
  if (secret !== undefined) {
    if (certificate === undefined && key === undefined) return;
    const message = `a secret and files are both there; keep ${SECRET} or the files`;
    draft.wrong("QM0115", [...options, SECRET], message);
    return;
  }
  if (certificate === undefined || key === undefined) {
    const message = `missing; write ${CERTIFICATE} and ${PRIVATE_KEY}, or ${SECRET}`;
    draft.wrong("QM0007", options, message);
    return;
  }
  const { file } = draft.source;
  const shown = certificateIn(read(file, certificate));
  const owned = keyIn(read(file, key));
  if (typeof shown === "string")
    draft.wrong("QM0023", [...options, CERTIFICATE], `${certificate} ${shown}`);
  if (typeof owned === "string")
    draft.wrong("QM0023", [...options, PRIVATE_KEY], `${key} ${owned}`);
  if (typeof shown === "string" || typeof owned === "string" || shown.checkPrivateKey(owned))
    return;
  draft.wrong("QM0023", [...options, PRIVATE_KEY], `${key} is not the key of ${certificate}`);
}

/** What is wrong with a file of certificates; undefined if nothing is. */
export function certificateFault(file: BesideFile): string | undefined {
  const found = certificateIn(file);
  return typeof found === "string" ? found : undefined;
}

/** The first certificate of a PEM file, or what is wrong with it. */
function certificateIn(file: BesideFile): X509Certificate | string {
  if (!file.ok) return `cannot be read (${file.why})`;
  try {
    return new X509Certificate(file.text);
  } catch {
    return "holds no certificate in PEM";
  }
}

function keyIn(file: BesideFile): KeyObject | string {
  if (!file.ok) return `cannot be read (${file.why})`;
  try {
    return createPrivateKey(file.text);
  } catch {
    return "holds no private key in PEM without a passphrase";
  }
}

/** Of a spec that passed its check. */
export function toTls({ options }: TlsSpec, documentFile: string, read: ReadBeside): ListenerTls {
  const { [CERTIFICATE]: certificate = "", [PRIVATE_KEY]: key = "", [SECRET]: name } = options;
  if (name !== undefined) return { kind: "secret", name };
  const [shown, owned] = [read(documentFile, certificate), read(documentFile, key)];
  if (!shown.ok || !owned.ok) throw new Error(`invariant: ${certificate} or ${key} is gone`);
  return { kind: "files", certificate: shown.text, privateKeyFile: owned.absolutePath };
}
