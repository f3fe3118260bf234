import { readdirSync, readFileSync } from "node:fs";

/**
 * The 58 statements about the protocol that bind the xDS server, and where each is shown. A case belongs to a statement
 * if its title says so: `statement 6, 35 (S, D): ...`, S for state of the world and D for delta.
 */
export type Form = "S" | "D";

export interface Statement {
  readonly number: number;
  readonly says: string;
  readonly forms: readonly Form[];
}

const S: readonly Form[] = ["S"];
const D: readonly Form[] = ["D"];
const BOTH: readonly Form[] = ["S", "D"];

function statement(number: number, forms: readonly Form[], says: string): Statement {
  return { number, forms, says };
}

export const STATEMENTS: readonly Statement[] = [
  statement(1, BOTH, "no type: an error on the aggregated service, its own type on a separate one"),
  statement(2, BOTH, "the node is said once; without node.id the stream is refused"),
  statement(3, BOTH, "every response has a fresh nonce and one type"),
  statement(4, BOTH, "types of one stream do not disturb each other"),
  statement(5, S, "error_detail makes the NACK, whatever the version"),
  statement(6, BOTH, "refused bytes are not sent again before something changed"),
  statement(7, S, "a NACK carries names too"),
  statement(8, S, "a NACK at an unchanged version is a NACK"),
  statement(9, S, "a stale nonce causes no response"),
  statement(10, S, "a stale nonce's names are not lost"),
  statement(11, BOTH, "a nonce of another stream makes a first request"),
  statement(12, S, "a first request with a version is answered"),
  statement(13, S, "the latest request supersedes"),
  statement(14, BOTH, "nothing changed, nothing is sent"),
  statement(15, S, "clusters and listeners are whole; absence deletes"),
  statement(16, S, "other types carry what changed, and never nothing"),
  statement(17, S, "more names: the new ones are sent"),
  statement(18, S, "fewer names: no updates for the dropped"),
  statement(19, S, "dropped and named again: sent again"),
  statement(20, BOTH, "a name that is not there is remembered"),
  statement(21, S, "never named and no names: the wildcard"),
  statement(22, S, "[*, A], then [A], then []: nothing in the end"),
  statement(23, D, "the legacy wildcard stays beside names, and goes by *"),
  statement(24, D, "* subscribed and unsubscribed at once: nothing"),
  statement(25, BOTH, "the first wildcard response is sent even if empty"),
  statement(26, D, "a name subscribed again is answered again"),
  statement(27, D, "a missing name is answered as removed, and kept"),
  statement(28, D, "unknown or repeated unsubscriptions are ignored"),
  statement(29, D, "a name unsubscribed below the wildcard is answered"),
  statement(30, D, "subscriptions count with a stale nonce and a NACK"),
  statement(31, D, "one request may be ACK and subscription"),
  statement(32, D, "only changes, each with name and version; never sent and removed at once"),
  statement(33, D, "what the client says it holds is not sent again"),
  statement(34, D, "held names subscribe nothing"),
  statement(35, BOTH, "refused content counts as unknown; the rest goes on"),
  statement(36, D, "a version changes exactly with the content, on every replica"),
  statement(37, D, "deleted and created again: sent"),
  statement(38, BOTH, "no name twice in a response"),
  statement(39, BOTH, "makes from the leaves up, then breaks from the roots down"),
  statement(40, BOTH, "no route before its cluster is acknowledged"),
  statement(41, BOTH, "no cluster is removed before what dropped it is acknowledged"),
  statement(42, BOTH, "a NACK stops what depends on it, and no other stream"),
  statement(43, BOTH, "a changed cluster is followed by its endpoints, empty ones too"),
  statement(44, BOTH, "extension configs go by filter name and are never removed"),
  statement(45, BOTH, "runtime, extensions and secrets are named types, on both services"),
  statement(46, BOTH, "time to live for those who can; heartbeats are no update"),
  statement(47, BOTH, "without a control plane what has an end ends"),
  statement(48, BOTH, "half-close ends with OK; whatever ends a stream frees it"),
  statement(49, BOTH, "one unanswered response per type; then the newest state"),
  statement(50, BOTH, "a client that stops reading is bounded, then cut"),
  statement(51, BOTH, "before the sources are loaded streams are refused"),
  statement(52, BOTH, "over the cap or the rate: RESOURCE_EXHAUSTED, and no other stream"),
  statement(53, BOTH, "a shutdown is spread, and costs the fleet nothing elsewhere"),
  statement(54, BOTH, "replicas say the same bytes"),
  statement(55, BOTH, "two streams of one node: both served, the newest believed"),
  statement(56, BOTH, "an unsupported type leaves the stream up"),
  statement(57, BOTH, "names that could not be made are told; what is held stays"),
  statement(58, BOTH, "requests up to 4 MiB, and a clear answer above"),
];

export interface Case {
  readonly number: number;
  readonly form: Form;
  readonly kind: "script" | "socket" | "law" | "Envoy";
}

const ROOT = new URL("../../../", import.meta.url);
const TITLE = /(?:^== |\bit\(\s*["'`])statement ([\d, ]+) \(([SD, ]+)\): \S/gm;

/** Every case that names a statement. */
export function findCases(): readonly Case[] {
  return [
    ...casesIn("test/scenarios/xds/", ".txt", () => "script"),
    ...casesIn("test/xds/", ".test.ts", (name) => (LAWS.includes(name) ? "law" : "socket")),
    ...casesIn("test/envoy/", ".test.ts", () => "Envoy"),
  ];
}

/** Suites without a socket: properties of versions and of random sequences. */
const LAWS = ["converge.test.ts", "snapshot.test.ts", "mesh.test.ts"];

function casesIn(folder: string, ending: string, kindOf: (name: string) => Case["kind"]): Case[] {
  const names = readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith(ending));
  return names.flatMap((name) => {
    const text = readFileSync(new URL(folder + name, ROOT), "utf8");
    return [...text.matchAll(TITLE)].flatMap(([, numbers = "", forms = ""]) =>
      numbers.split(", ").flatMap((number) =>
        forms.split(", ").map((form): Case => {
          return { number: Number(number), form: form as Form, kind: kindOf(name) };
        }),
      ),
    );
  });
}

/** The table of docs/xds-statements.md. */
export function renderTable(cases: readonly Case[]): string {
  const head = ["| | statement | state of the world | delta |", "|---|---|---|---|"];
  const rows = STATEMENTS.map(({ number, says, forms }) => {
    const cell = (form: Form) => (forms.includes(form) ? countOf(cases, number, form) : "-");
    return `| ${number} | ${says} | ${cell("S")} | ${cell("D")} |`;
  });
  return `${[...head, ...rows].join("\n")}\n`;
}

function countOf(cases: readonly Case[], number: number, form: Form): string {
  const own = cases.filter((one) => one.number === number && one.form === form);
  const kinds = new Map<string, number>();
  for (const { kind } of own) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => `${count} ${kind}`).join(", ") || "**none**";
}
