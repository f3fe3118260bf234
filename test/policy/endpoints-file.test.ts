import assert from "node:assert/strict";
import type { ReadBeside } from "../../src/policy/beside-file.ts";
import { formatProblem } from "../../src/policy/format.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import { service, toText } from "./documents.ts";

/** A folder: intent and endpoints alike are files of it. */
function load(files: Readonly<Record<string, string>>) {
  const read: ReadBeside = (_documentFile, path) => {
    const text = files[`intent/${path}`];
    if (text === undefined) return { ok: false, why: "ENOENT" };
    return { ok: true, absolutePath: `/intent/${path}`, text };
  };
  const list = Object.entries(files).map(([file, text]) => ({ file, text }));
  return parseIntent(list, read);
}

const SHOP = toText([{ ...service(), spec: { versions: { v1: { file: "e/v1.yaml" } } } }]);

describe("a file of endpoints", () => {
  it("is read as the document would be, one listed twice once, and is no file of documents", () => {
    const text = `# written by a program
endpoints:
  - 127.0.0.1:9001
  - {address: "127.0.0.1:9002", weight: 2}
  - 127.0.0.1:9001
`;
    const parsed = load({ "intent/shop.yaml": SHOP, "intent/e/v1.yaml": text });

    assert.ok(parsed.ok, parsed.problems.map(formatProblem).join());
    assert.deepEqual(parsed.value.services[0]?.versions, [
      {
        name: "v1",
        endpoints: [
          { host: "127.0.0.1", port: 9001, weight: 1 },
          { host: "127.0.0.1", port: 9002, weight: 2 },
        ],
      },
    ]);
    assert.deepEqual(parsed.value.services[0]?.weights, { v1: 3 });
  });

  it("may be empty: the version stays, with the only weight 1", () => {
    const parsed = load({ "intent/shop.yaml": SHOP, "intent/e/v1.yaml": "endpoints: []" });

    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.services[0]?.versions, [{ name: "v1", endpoints: [] }]);
    assert.deepEqual(parsed.value.services[0]?.weights, { v1: 1 });
  });

  it("that no Service names is read as documents, and told", () => {
    const { problems } = load({ "intent/e/v2.yaml": "endpoints: []" });

    assert.deepEqual(problems.map(formatProblem).slice(0, 1), [
      "intent/e/v2.yaml:1 document 1 endpoints: unknown field [QM0008]",
    ]);
  });

  for (const [what, text, fault] of [
    ["an address that is none", "\nendpoints: [a]\n", '2 endpoints[0]: "a" is not an IP'],
    ["another field", "endpoints: []\nhosts: []\n", "2 hosts: unknown field"],
    ["text that is not YAML", "endpoints: [\n", "2 "],
    ["a second document", "endpoints: []\n---\nendpoints: []\n", "3 holds a second document"],
    ["nothing", "# endpoints:\n", "1 holds no endpoints"],
  ] as const) {
    it(`with ${what} is told with its line`, () => {
      const { ok, problems } = load({ "intent/shop.yaml": SHOP, "intent/e/v1.yaml": text });

      assert.equal(ok, false);
      const prefix = "intent/shop.yaml:1 Service/shop spec.versions.v1.file: e/v1.yaml:";
      const lines = problems.map(formatProblem);
      assert.ok(
        lines.some((line) => line.startsWith(prefix + fault)),
        lines.join(),
      );
    });
  }
});
