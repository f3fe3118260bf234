import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { problemCodes } from "../../src/policy/problem-codes.ts";
import { projectRoot } from "../support/project-root.ts";
import { commandLines, faultOf } from "./command-lines.ts";
import { commandsPage } from "./commands-page.ts";
import { policyReference } from "./policy-reference.ts";
import { problemPages } from "./problem-pages.ts";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const STALE = "is not current: npm run docs";

function filesBelow(folder: string, end: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name));
}

describe("docs", () => {
  it("have a reference of the policy language that is as the schema is", () => {
    assert.ok(
      read("docs/policy-reference.md") === policyReference(),
      `policy-reference.md ${STALE}`,
    );
  });

  it("have every verb with its options, as the program has them", () => {
    assert.ok(read("docs/commands.md") === commandsPage(), `commands.md ${STALE}`);
  });

  it("have a page for each problem code, as the code and its case are, and no other", () => {
    const pages = problemPages();

    assert.deepEqual(
      readdirSync(join(projectRoot, "docs/problems")).sort(),
      [...pages.keys()].sort(),
    );
    for (const [name, text] of pages)
      assert.ok(read(`docs/problems/${name}`) === text, `problems/${name} ${STALE}`);
  });

  it("show for each code an intent that has it", () => {
    const without = [...problemPages()].filter(([, text]) => !text.includes("qmesh analyze` says"));

    assert.equal(problemPages().size, Object.keys(problemCodes).length);
    assert.deepEqual(
      without.map(([name]) => name),
      [],
    );
  });

  it("link only to files that exist", () => {
    const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...filesBelow("docs", ".md")];
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !/^[a-z]+:/i.test(target))
        .filter((target) => !existsSync(join(projectRoot, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );

    assert.ok(pages.length > 40, `only ${pages.length} pages read`);
    assert.deepEqual(dead, []);
  });

  it("name for each of the 25 mistakes a code or a test that exists", () => {
    const rows = [...read("docs/mistakes.md").matchAll(/^\| (\d+) \|(.*)\|$/gm)];
    const titles = filesBelow("test", ".ts").map((file) => [file, read(file)] as const);

    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      Array.from({ length: 25 }, (_, at) => at + 1),
    );
    for (const [, number, row = ""] of rows) {
      const codes = [...row.matchAll(/\[(QM\d{4})\]/g)].map(([, code = ""]) => code);
      const tests = [...row.matchAll(/test: `([^`]+)`, "([^"]+)"/g)];
      assert.ok(codes.length + tests.length > 0, `mistake ${number} names nothing`);
      for (const code of codes) assert.ok(code in problemCodes, `${code} of mistake ${number}`);
      for (const [, file = "", title = ""] of tests) {
        const found = titles.find(([name]) => name === file)?.[1];
        assert.ok(found?.includes(title), `mistake ${number}: ${file} has no test "${title}"`);
      }
    }
  });

  it("tell to type nothing that qmesh would refuse", () => {
    const used = [
      ...["README.md", "SECURITY.md"],
      ...filesBelow("docs", ".md"),
      ...filesBelow("examples", "README.md"),
    ].flatMap((page) => commandLines(read(page)).map((line) => ({ page, line })));
    const refused = used.flatMap(({ page, line }) => {
      const fault = faultOf(line);
      return fault === undefined ? [] : [`${page}: qmesh ${line.words.join(" ")}: ${fault}`];
    });

    assert.ok(used.length > 250, `only ${used.length} commands in all pages`);
    assert.deepEqual(refused, []);
  });

  for (const [text, fault] of [
    ["    qmesh status --wat", /unknown option '--wat'/],
    ["    qmesh bootstrap --gateway edge", /required option '--id <id>' not specified/],
    ["see `qmesh statsu`", /unknown command 'statsu'/],
  ] as const)
    it(`would find ${text.trim()}`, () => {
      assert.match(String(commandLines(text).map(faultOf)), fault);
    });
});
