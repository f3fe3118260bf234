import { exchange } from "../../api/exchange.ts";
import { readHolding } from "../../identity/holder-folder.ts";
import { DEFAULTS } from "../address.ts";
import { EXIT } from "../exit-code.ts";
import { readToken } from "../server-option.ts";

/**
 * `qmesh __names KIND WORDS...`: what completion offers where a name is wanted, a line each, behind a tab what it is. The words are
 * those of the line so far, whose `--server`, `--certs` and `--token-file` hold. Somebody waits at a prompt: what cannot be had
 * is nothing, without a word.
 */
const TIMEOUT_MS = 5000;
const MOST = 200;

/** Whatever else a name may hold stays off a command line. */
const NAME = /^[\w./@%+=-]+$/;

type Item = Readonly<Record<string, unknown>>;

export async function printNames([kind = "", ...line]: readonly string[]): Promise<number> {
  const names = await readNames(kind, line).catch(() => new Map<string, string>());
  const lines = [...names].map(([name, text]) => `${name}\t${text}\n`);
  process.stdout.write(lines.join(""));
  return EXIT.fine;
}

async function readNames(
  kind: string,
  line: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const of = kind === "kind" ? writtenKind(line) : kind;
  const items = await readItems(of === "subjects" ? "decisions" : of, line);
  const named = items.map((item) => [nameOf(of, item), textOf(of, item)] as const);
  return new Map(named.filter(([name]) => NAME.test(name)));
}

/** `get service` is `get services`. */
function writtenKind(line: readonly string[]): string {
  const word = line[line.indexOf("get") + 1] ?? "";
  return word.endsWith("s") ? word : `${word}s`;
}

async function readItems(kind: string, line: readonly string[]): Promise<readonly Item[]> {
  const certs = given(line, "--certs") ?? process.env.QMESH_CERTS;
  const tokenFile = given(line, "--token-file");
  const server = given(line, "--server") ?? process.env.QMESH_SERVER ?? DEFAULTS.http;
  const scheme = certs === undefined ? "http" : "https";
  const whole = /^[a-z]+:\/\//i.test(server) ? server : `${scheme}://${server}`;
  const { text } = await exchange(new URL(`/v1/${kind}?limit=${MOST}`, whole), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(certs !== undefined && { tls: readHolding(certs) }),
    ...(tokenFile !== undefined && {
      headers: { authorization: `Bearer ${readToken(tokenFile)}` },
    }),
  });
  const { items = [] } = JSON.parse(text) as { readonly items?: readonly Item[] };
  return items;
}

function given(line: readonly string[], option: string): string | undefined {
  const at = line.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  if (at < 0) return undefined;
  return line[at]?.split("=", 2)[1] ?? line[at + 1];
}

function nameOf(kind: string, item: Item): string {
  const { id, name, decision, digest, subject } = item;
  if (kind === "subjects") return String((subject as Item).name);
  return String(id ?? name ?? decision ?? digest ?? "");
}

/** The first thing that tells one from the others. */
function textOf(kind: string, item: Item): string {
  const { text, title, subject, verdict, phase, role, owner, mode, at = "" } = item;
  const about = subject as Item | undefined;
  if (kind === "subjects") return String(about?.kind);
  const decided = about && `${about.kind} ${about.name}: ${verdict}`;
  const found = String(text ?? title ?? decided ?? phase ?? role ?? owner ?? mode ?? at);
  return found.replaceAll(/\s+/g, " ");
}
