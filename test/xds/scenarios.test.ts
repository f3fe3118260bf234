import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Scenario } from "./scenario.ts";

/** Every script of `test/scenarios/xds`, one test per case. `scenario.ts` says how they are read. */
const FOLDER = new URL("../../../test/scenarios/xds/", import.meta.url);

interface Line {
  readonly at: string;
  readonly text: string;
}

interface Case {
  readonly title: string;
  readonly lines: readonly Line[];
}

function readCases(file: string): readonly Case[] {
  const cases: { title: string; lines: Line[] }[] = [];
  const all = readFileSync(new URL(file, FOLDER), "utf8").split("\n");
  all.forEach((raw, i) => {
    const text = raw.replace(/#.*$/, "").trim();
    if (text.startsWith("== ")) cases.push({ title: text.slice(3), lines: [] });
    else if (text !== "") cases.at(-1)?.lines.push({ at: `${file}:${i + 1}`, text });
  });
  return cases;
}

function play({ lines }: Case): void {
  let scenario: Scenario | undefined;
  let open: { line: Line; actual: string[]; expected: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    assert.deepEqual(open.actual, open.expected, `${open.line.at}: ${open.line.text}`);
  };
  for (const line of lines) {
    if (line.text.startsWith("<")) {
      open?.expected.push(line.text.slice(1).trim());
      continue;
    }
    close();
    if (line.text === "delta" || line.text === "sotw") {
      scenario = new Scenario(line.text);
      open = undefined;
      continue;
    }
    assert.ok(scenario, `${line.at}: a case opens with delta or sotw`);
    open = { line, actual: scenario.run(line.text), expected: [] };
  }
  close();
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

for (const file of files) {
  describe(`stream machine, ${file}`, () => {
    for (const one of readCases(file)) it(one.title, () => play(one));
  });
}
