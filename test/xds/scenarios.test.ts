import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { MachineSubject } from "./machine-subject.ts";
import { Scenario, type Subject, TYPES } from "./scenario.ts";
import { WireSubject } from "./wire-subject.ts";

/**
 * Every script of `test/scenarios/xds`, one test per case: to the machine, over a socket on the aggregated service, and,
 * where one type is asked for, over a socket on that type's own service. `scenario.ts` says how they are read.
 */
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

type Start = (form: "delta" | "sotw") => Promise<Subject>;

async function play({ lines }: Case, start: Start): Promise<void> {
  let scenario: Scenario | undefined;
  const subjects: Subject[] = [];
  let open: { line: Line; actual: string[]; expected: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    assert.deepEqual(open.actual, open.expected, `${open.line.at}: ${open.line.text}`);
  };
  try {
    for (const line of lines) {
      if (line.text.startsWith("<")) {
        open?.expected.push(line.text.slice(1).trim());
        continue;
      }
      close();
      open = undefined;
      if (line.text === "delta" || line.text === "sotw") {
        subjects.push(await start(line.text));
        scenario = new Scenario(subjects.at(-1)!);
        continue;
      }
      assert.ok(scenario, `${line.at}: a case opens with delta or sotw`);
      open = { line, actual: await scenario.run(line.text), expected: [] };
    }
    close();
  } finally {
    for (const subject of subjects) await subject.close();
  }
}

/** Types that the client of a case asks for; separate services have no order between them. */
function typesOf({ lines }: Case): ReadonlySet<string> {
  const asked = lines.map(({ text }) => /^(?:request|ack|nack) (\S+)/.exec(text)?.[1]);
  return new Set(asked.filter((type) => type !== undefined));
}

function isOfOneService(one: Case): boolean {
  const types = [...typesOf(one)];
  return types.length === 1 && TYPES[types[0]!] !== undefined;
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

const SUBJECTS: readonly { what: string; start: Start; plays: (one: Case) => boolean }[] = [
  { what: "the machine", start: async (form) => new MachineSubject(form), plays: () => true },
  {
    what: "a socket, aggregated",
    start: (form) => WireSubject.start({ form, isAggregated: true }),
    plays: () => true,
  },
  {
    what: "a socket, the type's own service",
    start: (form) => WireSubject.start({ form, isAggregated: false }),
    plays: isOfOneService,
  },
];

for (const { what, start, plays } of SUBJECTS) {
  for (const file of files) {
    describe(`${what}: ${file}`, () => {
      for (const one of readCases(file).filter(plays)) it(one.title, () => play(one, start));
    });
  }
}
