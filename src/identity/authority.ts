import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeRole } from "../policy/node-role.ts";
import { roleKey } from "../policy/node-role.ts";
import { createCertificate, type KeyPair } from "./certificate.ts";
import { filesIn, writeHolding, writePublic, writeSecret } from "./holder-folder.ts";
import { formatSpiffeId, type Holder, type SpiffeId, spiffeIdIn } from "./spiffe-id.ts";

/**
 * The mesh's own certificate authority, for a fleet that has no other: a folder with `ca.crt` (the authorities that are
 * believed, at most two, the newest first), `ca.key` of the newest, and a folder for each holder of a certificate. Times come
 * with every call.
 */
export class Authority {
  private constructor(
    private readonly folder: string,
    private readonly authorities: readonly string[],
    private readonly privateKey: string,
    readonly trustDomain: string,
  ) {}

  /** Makes the folder and its first authority. Throws `AuthorityFault` if there is one. */
  static create(folder: string, trustDomain: string, now: Date): Authority {
    const { certificate, privateKey } = authorityFiles(folder);
    if (existsSync(certificate) || existsSync(privateKey))
      throw new AuthorityFault(
        `${folder}: there is an authority already; renew it by qmesh certs rotate --ca`,
      );
    const first = createAuthority(trustDomain, now);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new Authority(folder, [first.certificate], first.privateKey, trustDomain).#write();
  }

  /** Throws `AuthorityFault` if the folder has none, or not its key. */
  static open(folder: string): Authority {
    const files = authorityFiles(folder);
    const authorities = splitBundle(read(files.certificate, "make one by qmesh certs init"));
    const privateKey = read(
      files.privateKey,
      "certificates are issued where the key of the authority is",
    );
    const [newest] = authorities;
    const id = newest === undefined ? undefined : readSpiffeId(newest);
    if (id?.holder.kind !== "authority")
      throw new AuthorityFault(
        `${files.certificate}: its first certificate is no authority made by qmesh certs`,
      );
    return new Authority(folder, authorities, privateKey, id.trustDomain);
  }

  /** Issues, and puts it into the holder's folder, which is returned. What was there is replaced. */
  issue(holder: Subject, now: Date, days: number): string {
    const [newest] = this.authorities;
    if (newest === undefined) throw new Error("invariant: an authority has a certificate");
    const folder = folderOf(this.folder, holder);
    const other = existsSync(filesIn(folder).certificate) ? idIn(folder) : undefined;
    const uri = formatSpiffeId({ trustDomain: this.trustDomain, holder });
    if (other !== undefined && formatSpiffeId(other) !== uri)
      throw new AuthorityFault(
        `${folder}: is the certificate of ${formatSpiffeId(other)}; an id is for one node`,
      );
    const pair = createCertificate({
      commonName: commonNameOf(holder),
      uri,
      notBefore: minutesBefore(now, CLOCK_SKEW_MINUTES),
      notAfter: daysAfter(now, days),
      issuer: { certificate: newest, privateKey: this.privateKey },
    });
    writeHolding(folder, { ...pair, authorities: this.authorities.join("") });
    return folder;
  }

  /**
   * A new authority signs from now on, and the one before is still believed: everybody learns the new one first, and gets a
   * certificate of it by the next `rotate`. The one before that is forgotten.
   */
  renew(now: Date): Authority {
    const { certificate, privateKey } = createAuthority(this.trustDomain, now);
    const authorities = [certificate, ...this.authorities].slice(0, 2);
    const renewed = new Authority(this.folder, authorities, privateKey, this.trustDomain).#write();
    for (const { folder } of listHoldings(this.folder)) {
      writePublic(filesIn(folder).authorities, authorities.join(""));
    }
    return renewed;
  }

  /** For an Envoy, and for all of its role towards each other if they have none; the node's folder. */
  issueNode(node: Subject & { readonly kind: "node" }, now: Date, days: number): string {
    const { role } = node;
    const shared = filesIn(roleFolder(this.folder, role)).certificate;
    if (!existsSync(shared)) this.issue({ kind: "role", role }, now, days);
    return this.issue(node, now, days);
  }

  /** A new certificate for everyone who has one, and for the role of every node; their folders. */
  rotate(now: Date, days: number): string[] {
    const holders = listHoldings(this.folder).flatMap(({ id }): Subject[] => {
      if (id === undefined || id.holder.kind === "authority") return [];
      const { holder } = id;
      return holder.kind === "node" ? [holder, { kind: "role", role: holder.role }] : [holder];
    });
    const byFolder = new Map(holders.map((each) => [folderOf(this.folder, each), each]));
    return [...byFolder.values()].map((holder) => this.issue(holder, now, days));
  }

  #write(): Authority {
    const files = authorityFiles(this.folder);
    writeSecret(files.privateKey, this.privateKey);
    writePublic(files.certificate, this.authorities.join(""));
    return this;
  }
}

/** Whom an authority issues for. */
export type Subject = Exclude<Holder, { kind: "authority" }>;

/** What an operator did not do right, in a sentence without its full stop. */
export class AuthorityFault extends Error {}

export interface ListedHolding {
  readonly folder: string;
  /** Undefined: no certificate of a mesh. */
  readonly id: SpiffeId | undefined;
  readonly notAfter: Date;
}

/** By folder. */
export function listHoldings(folder: string): ListedHolding[] {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(^|\/)tls\.crt$/.test(name))
    .sort();
  return found.map((name) => {
    const file = join(folder, name);
    const certificate = new X509Certificate(readFileSync(file));
    return {
      folder: join(file, ".."),
      id: spiffeIdIn(certificate.subjectAltName),
      notAfter: new Date(certificate.validTo),
    };
  });
}

export function folderOf(folder: string, holder: Subject): string {
  switch (holder.kind) {
    case "control-plane":
      return join(folder, "control-plane");
    case "node":
      return join(folder, "nodes", holder.nodeId);
    case "role":
      return roleFolder(folder, holder.role);
    case "operator":
      return join(folder, "operators", holder.name);
  }
}

/** Of the certificate that all nodes of a role show each other. */
export function roleFolder(folder: string, role: NodeRole): string {
  return join(folder, "roles", roleKey(role));
}

export function authorityFiles(folder: string) {
  return { certificate: join(folder, "ca.crt"), privateKey: join(folder, "ca.key") } as const;
}

/** PEM with several certificates, in their order. */
export function splitBundle(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block}\n`);
}

/** A peer whose clock is a little behind takes a certificate that was made just now. */
const CLOCK_SKEW_MINUTES = 5;
const AUTHORITY_DAYS = 3650;

function createAuthority(trustDomain: string, now: Date): KeyPair {
  return createCertificate({
    // Two authorities of one name would be told apart by their keys only.
    commonName: `Quantum Mesh ${trustDomain} ${now.toISOString().replace(/[:.]/g, "-")}`,
    uri: formatSpiffeId({ trustDomain, holder: { kind: "authority" } }),
    notBefore: minutesBefore(now, CLOCK_SKEW_MINUTES),
    notAfter: daysAfter(now, AUTHORITY_DAYS),
  });
}

/** For people; RFC 5280 takes 64 characters. Who it is says the URI. */
function commonNameOf(holder: Subject): string {
  return nameOf(holder).slice(0, 64);
}

function nameOf(holder: Subject): string {
  switch (holder.kind) {
    case "control-plane":
      return "control-plane";
    case "node":
      return holder.nodeId;
    case "role":
      return roleKey(holder.role).replace("/", " ");
    case "operator":
      return holder.name;
  }
}

function idIn(folder: string): SpiffeId | undefined {
  return readSpiffeId(readFileSync(filesIn(folder).certificate, "utf8"));
}

export function readSpiffeId(certificate: string): SpiffeId | undefined {
  return spiffeIdIn(new X509Certificate(certificate).subjectAltName);
}

function read(file: string, advice: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AuthorityFault(`${file}: cannot be read (${code}): ${advice}`);
  }
}

function minutesBefore(now: Date, minutes: number): Date {
  return new Date(now.getTime() - minutes * 60_000);
}

function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * 86_400_000);
}
