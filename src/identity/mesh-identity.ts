import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { roleKey } from "../policy/node-role.ts";
import { readHolding } from "./holder-folder.ts";
import { formatSpiffeId, type SpiffeId, spiffeIdIn } from "./spiffe-id.ts";

/**
 * What the Envoys of one role show each other: `spiffe://shop.example/sidecar/checkout`, one certificate for all of them, so
 * that callers can name whom they mean. It is handed out by the control plane; the certificate by which a node comes
 * to it stays on the node.
 */
export interface MeshIdentity {
  readonly trustDomain: string;
  /** PEM, whom to believe: the newest first. */
  readonly authorities: string;
  readonly certificate: string;
  readonly privateKey: string;
}

export interface MeshIdentities {
  /** By `sidecar/checkout`. */
  readonly byRole: ReadonlyMap<string, MeshIdentity>;
  /** What could not be used, and why, in a sentence without its full stop. */
  readonly faults: readonly string[];
}

/** Of the folder that `qmesh certs` keeps, or a copy of its `roles`. One that cannot be used leaves `last` in its place. */
export function readMeshIdentities(
  certs: string,
  { trustDomain, now, last }: { trustDomain: string; now: Date; last?: MeshIdentities },
): MeshIdentities {
  const faults: string[] = [];
  const byRole = new Map<string, MeshIdentity>();
  const keys = new Set([...rolesIn(certs), ...(last?.byRole.keys() ?? [])]);
  for (const key of keys) {
    const folder = join(certs, "roles", key);
    const read = readIdentity(folder, { key, trustDomain, now });
    const usable = typeof read === "string" ? last?.byRole.get(key) : read;
    if (typeof read === "string") faults.push(`${folder}: ${read}`);
    if (usable !== undefined) byRole.set(key, usable);
  }
  return { byRole, faults };
}

function rolesIn(certs: string): string[] {
  return ["gateway", "sidecar"].flatMap((kind) => {
    const folder = join(certs, "roles", kind);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((name) => `${kind}/${name}`);
  });
}

function readIdentity(
  folder: string,
  { key, trustDomain, now }: { key: string; trustDomain: string; now: Date },
): MeshIdentity | string {
  try {
    const { authorities, certificate, privateKey } = readHolding(folder);
    const x509 = new X509Certificate(certificate);
    const id = spiffeIdIn(x509.subjectAltName);
    if (!isOf(id, key, trustDomain))
      return `is the certificate of ${id === undefined ? "nobody in a mesh" : formatSpiffeId(id)}`;
    if (!x509.checkPrivateKey(createPrivateKey(privateKey)))
      return "the key is not of this certificate";
    if (new Date(x509.validTo) < now) return `the certificate ended on ${x509.validTo}`;
    return { trustDomain, authorities, certificate, privateKey };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return `cannot be read (${code ?? message})`;
  }
}

function isOf(id: SpiffeId | undefined, key: string, trustDomain: string): boolean {
  if (id?.holder.kind !== "role" || id.trustDomain !== trustDomain) return false;
  return roleKey(id.holder.role) === key;
}
