import { existsSync } from "node:fs";
import {
  Authority,
  AuthorityFault,
  folderOf,
  listHoldings,
  roleFolder,
  type Subject,
} from "../identity/authority.ts";
import { filesIn } from "../identity/holder-folder.ts";
import { formatSpiffeId, isSegment, isTrustDomain } from "../identity/spiffe-id.ts";
import { roleKey } from "../policy/node-role.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, say } from "./output.ts";
import { type RoleFlags, roleOf } from "./role-flags.ts";
import { textTable } from "./text-table.ts";

/** `qmesh certs`: the mesh's own authority and the certificates it has given, in a folder. */
export interface CertsOptions {
  readonly certs: string;
  /** How long what is issued now is valid. */
  readonly days: number;
}

export function initCerts({
  certs,
  days,
  trustDomain,
}: CertsOptions & { trustDomain: string }): number {
  if (!isTrustDomain(trustDomain))
    throw new Failure(
      `--trust-domain ${trustDomain}: write lower-case letters, digits, dots, dashes and underscores, such as shop.example.`,
      EXIT.usage,
    );
  return act(() => {
    const now = new Date();
    const folder = Authority.create(certs, trustDomain, now).issue(
      { kind: "control-plane" },
      now,
      days,
    );
    say(
      `authority of ${trustDomain} in ${certs}: keep ca.key where certificates are issued, and nowhere else`,
    );
    say(`certificate of the control plane in ${folder}: qmesh serve --certs ${certs}`);
  });
}

export function issueNode(options: CertsOptions & RoleFlags & { id: string }): number {
  const { certs, id } = options;
  checkSegment("--id", id);
  const node = { kind: "node", role: roleOf(options), nodeId: id } as const;
  return act(() => {
    const folder = Authority.open(certs).issueNode(node, new Date(), options.days);
    say(`certificate of node ${id} in ${folder}: copy this folder to where its Envoy runs`);
    say(
      `certificate of ${roleKey(node.role)} in ${roleFolder(certs, node.role)}: the control plane hands it out`,
    );
  });
}

export function issueOperator(name: string, { certs, days }: CertsOptions): number {
  checkSegment("the operator's name", name);
  return act(() => {
    const folder = Authority.open(certs).issue({ kind: "operator", name }, new Date(), days);
    say(`certificate of operator ${name} in ${folder}`);
  });
}

export function rotateCerts({ certs, days, ca = false }: CertsOptions & { ca?: boolean }): number {
  return act(() => {
    const authority = Authority.open(certs);
    if (ca) {
      authority.renew(new Date());
      say("a new authority signs from now on, and the one before is still believed.");
      say("Copy every ca.crt to where it is used, then run qmesh certs rotate.");
      return;
    }
    const folders = authority.rotate(new Date(), days);
    for (const folder of folders) say(`renewed ${folder}`);
  });
}

export function listCerts({
  certs,
  output,
}: {
  certs: string;
  output: "table" | "json" | "yaml";
}): number {
  if (!existsSync(certs)) throw new Failure(`${certs}: is not there: make it by qmesh certs init.`);
  return act(() => {
    const rows = listHoldings(certs).map(({ folder, id, notAfter }) => ({
      folder,
      spiffeId: id === undefined ? "" : formatSpiffeId(id),
      notAfter: notAfter.toISOString(),
    }));
    if (output !== "table") printStructured(rows, output);
    else {
      const cells = rows.map((row) => [row.spiffeId, row.notAfter, row.folder]);
      process.stdout.write(textTable([["SPIFFE ID", "ENDS", "FOLDER"], ...cells]));
    }
  });
}

/** Gives a node and its role their certificates unless they have them. */
export function ensureNode(certs: string, node: Subject & { readonly kind: "node" }): void {
  const holders: readonly Subject[] = [node, { kind: "role", role: node.role }];
  const missing = holders.filter(
    (holder) => !existsSync(filesIn(folderOf(certs, holder)).certificate),
  );
  if (missing.length === 0) return;
  orFail(() => {
    const authority = Authority.open(certs);
    for (const holder of missing) authority.issue(holder, new Date(), DEFAULT_DAYS);
  });
}

/** Long enough to renew by hand, short enough that a lost key is of no use next season. */
export const DEFAULT_DAYS = 90;

function checkSegment(flag: string, text: string): void {
  if (isSegment(text)) return;
  throw new Failure(
    `${flag} ${text}: a certificate can hold letters, digits, dots, dashes and underscores only, such as edge-1.`,
    EXIT.usage,
  );
}

function act(run: () => void): number {
  orFail(run);
  return EXIT.fine;
}

function orFail<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AuthorityFault) throw new Failure(`${error.message}.`);
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && path !== undefined) throw new Failure(`${path}: ${message}.`);
    throw error;
  }
}
