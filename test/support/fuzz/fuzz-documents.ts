import assert from "node:assert/strict";
import { parseAllDocuments, stringify } from "yaml";
import { parseIntent } from "../../../src/policy/parse.ts";
import { isProblemCode } from "../../../src/policy/problem-codes.ts";
import * as samples from "../../policy/automation/sample-sets.ts";
import { readKey } from "../../policy/documents.ts";
import { Random } from "./random.ts";
import { damaged } from "./random-condition.ts";

const sets: unknown[][] = Object.values(samples).map((text) =>
  parseAllDocuments(text).map((document) => document.toJS()),
);

/**
 * Documents of automation, a few places of each set spoilt: the set loads, or each problem has a code, a line of its own file and words of its own.
 * The answer is how many documents were read and how many sets still loaded.
 */
export function fuzzDocuments(seed: number, count: number): { read: number; loaded: number } {
  const random = new Random(seed);
  let read = 0;
  let loaded = 0;
  while (read < count) {
    const documents = structuredClone(random.pick(sets));
    for (let times = random.below(5); times > 0; times--) spoil(random, documents);
    const text = documents
      .map((document) => stringify(document, { aliasDuplicateObjects: false }))
      .join("---\n");
    if (parsesSoundly(text)) loaded++;
    read += documents.length;
  }
  return { read, loaded };
}

function parsesSoundly(text: string): boolean {
  const parsed = parseIntent([{ file: "a.yaml", text }], readKey);
  if (!parsed.ok)
    assert.ok(
      parsed.problems.some(({ severity }) => severity === "error"),
      text,
    );
  const lines = text.split("\n").length;
  for (const { line, code, message } of parsed.problems) {
    assert.ok(isProblemCode(code), text);
    assert.ok(line >= 1 && line <= lines, text);
    assert.ok(message.length > 0 && !message.includes("Invalid input"), `${message}\n${text}`);
  }
  return parsed.ok;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function places(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key])]);
}

function spoil(random: Random, documents: unknown[]): void {
  const all = places(documents);
  if (all.length === 0) return;
  const { holder, key } = random.pick(all);
  const other = random.pick(all);
  switch (random.below(6)) {
    case 0:
      holder[key] = random.pick([
        null,
        true,
        -1,
        0,
        1e300,
        "",
        "x",
        "$signal.x",
        "9h",
        "0%",
        [],
        {},
      ]);
      break;
    case 1:
      // A value from elsewhere, often of the right type.
      holder[key] = structuredClone(other.holder[other.key]);
      break;
    case 2:
      if (typeof holder[key] === "string") holder[key] = damaged(random, holder[key]);
      break;
    case 3:
      if (typeof holder[key] === "number") holder[key] *= random.pick([-1, 0, 0.1, 10, 1e9]);
      break;
    case 4:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    default:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else holder[`${key}x`] = holder[key];
  }
}
