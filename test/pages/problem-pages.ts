import { parseAllDocuments, stringify } from "yaml";
import { problemCodes } from "../../src/policy/problem-codes.ts";
import { BAD_CASES } from "../policy/bad-cases.ts";
import type { BadCase } from "../policy/bad-values.ts";

/** `docs/problems/QMxxxx.md`: a page a code, with an intent that has it and what is said: cases of the tests. */
const CASES = Object.values(BAD_CASES).flat();

const MOST_LINES = 40;

/** Name of a file and its text. */
export function problemPages(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(problemCodes).map(([code, { severity, says }]) => [
      `${code}.md`,
      page(code, severity, says),
    ]),
  );
}

function page(code: string, severity: string, says: string): string {
  const known = CASES.filter(({ lines }) => lines.some((line) => line.endsWith(`[${code}]`)));
  // The one that has least beside it.
  const [example] = known.toSorted((a, b) => weight(a) - weight(b));
  const effect =
    severity === "error"
      ? "An **error**: the set does not load, and the last good one stays in force."
      : "A **warning**: the set loads.";
  return [
    `# ${code}`,
    says,
    "",
    effect,
    ...(example === undefined ? [] : exampleLines(code, example)),
    "",
    "[All codes](../policy-problems.md) · [every field](../policy-reference.md)",
    "",
  ].join("\n");
}

function weight({ text, lines }: BadCase): number {
  return lines.length * 1000 + text.length;
}

function exampleLines(code: string, { name, text, lines }: BadCase): string[] {
  const written = textOf(text).split("\n");
  const shown = written.slice(0, MOST_LINES).map((line) => line.slice(0, 160).trimEnd());
  const fence = "```";
  return [
    "",
    `## For example: ${name}`,
    `${fence}yaml`,
    ...shown,
    ...(written.length > MOST_LINES ? [`# and ${written.length - MOST_LINES} lines more`] : []),
    fence,
    "`qmesh analyze` says:",
    fence,
    ...lines.filter((line) => line.endsWith(`[${code}]`)).map((line) => line.slice(0, 400)),
    fence,
  ];
}

const MOST_CHARACTERS = 4000;

/** Cases are written as JSON, which is YAML that nobody writes; what is no YAML at all stays as it is. */
function textOf(text: string): string {
  const isJson = text.startsWith("{") && text.length < MOST_CHARACTERS;
  const documents = isJson ? [...parseAllDocuments(text)] : [];
  const isRead = isJson && documents.every(({ errors }) => errors.length === 0);
  const whole = isRead
    ? documents.map((document) => stringify(document.toJS())).join("---\n")
    : text.slice(0, MOST_CHARACTERS);
  return whole.replaceAll(/[^\P{Cc}\n]/gu, "?").trim();
}
