import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { parseAllDocuments, stringify } from "yaml";
import type { ReadBeside } from "../../src/policy/beside-file.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import { isProblemCode } from "../../src/policy/problem-codes.ts";
import { createCertificate } from "../support/certificate.ts";

const root = new URL("../../../examples/", import.meta.url);

interface File {
  readonly file: string;
  readonly text: string;
}

/** Every example as one list of files each. */
const examples: File[][] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const folder = new URL(`${name}/`, root);
    return readdirSync(folder)
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => ({ file, text: readFileSync(new URL(file, folder), "utf8") }));
  });

const { certificate } = createCertificate("any.example");

const KEYS = JSON.stringify({ keys: [{ kty: "EC", crv: "P-256", x: "AA", y: "AA" }] });

/** Every file that a document names holds one endpoint, or a certificate or keys if it is called so. */
const readAnything: ReadBeside = (_documentFile, path) => ({
  ok: true,
  absolutePath: `/${path}`,
  text: path.endsWith(".pem")
    ? certificate
    : path.endsWith(".json")
      ? KEYS
      : "endpoints: [127.0.0.1:9001]",
});

const documentsOf = (files: readonly File[]): unknown[] =>
  files.flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS()));

/** Either a set, or at least one error; each problem has a line of its file and a known code. */
function assertAnswer(files: readonly File[]): void {
  const parsed = parseIntent(files);
  if (!parsed.ok) assert.ok(parsed.problems.some(({ severity }) => severity === "error"));
  for (const { file, line, code, message } of parsed.problems) {
    const text = files.find((one) => one.file === file)?.text ?? assert.fail(`no file ${file}`);
    assert.ok(Number.isInteger(line) && line >= 1 && line <= text.split(/\r\n|\r|\n/).length);
    assert.ok(isProblemCode(code));
    assert.ok(message.length > 0 && !message.includes("Invalid input"), message);
  }
}

const strange = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    Number.NaN,
    "",
    "x",
    "*",
    "/",
    "0s",
    "50%",
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const words = fc.constantFrom(
  "apiVersion",
  "kind",
  "metadata",
  "spec",
  "name",
  "owner",
  "Service",
  "Shedding",
  "HTTPRoute",
  "Gateway",
  "quantum.mesh/v1",
  "gateway.networking.k8s.io/v1",
  "rules",
  "tiers",
  "endpoints",
  "List",
  "items",
  "__proto__",
  "constructor",
  "toString",
);

const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    strange,
    words,
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(words, tie("node"), { maxKeys: 6 }),
  ),
})).node;

/** All places of a tree, as the objects that hold them and their keys. */
function places(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key])]);
}

interface Mutation {
  readonly at: number;
  readonly act: "replace" | "delete" | "rename" | "add" | "double";
  readonly value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  act: fc.constantFrom("replace", "delete", "rename", "add", "double"),
  value: strange,
});

function mutate(documents: unknown[], { at, act, value }: Mutation): void {
  const all = places(documents);
  const place = all[at % all.length];
  if (place === undefined) return;
  const { holder, key } = place;
  if (act === "replace") holder[key] = value;
  else if (act === "double" && Array.isArray(holder))
    holder.push(structuredClone(holder[key as never]));
  else if (act === "add") holder[`${key}x`] = value;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else {
    if (act === "rename") holder[key.slice(1)] = holder[key];
    delete holder[key];
  }
}

const toFile = (documents: readonly unknown[]): File => ({
  file: "a.yaml",
  text: documents
    .map((document) => stringify(document, { aliasDuplicateObjects: false }))
    .join("---\n"),
});

describe("parseIntent, for any input", () => {
  it("answers 1000 random texts with a set or a problem that has a line", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      words,
      fc.constantFrom(
        ": ",
        "\n",
        "- ",
        "  ",
        "&a ",
        "*a",
        "{",
        "}",
        "[",
        "]",
        "---\n",
        "|\n",
        "!!",
        "%YAML 1.1\n",
        "\r\n",
        "\t",
        "#",
      ),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (text) => assertAnswer([{ file: "a", text }])),
      { numRuns: 1000 },
    );
  });

  it("answers 1000 random trees with a set or a problem that has a line", () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 3 }), (trees) => assertAnswer([toFile(trees)])),
      { numRuns: 1000 },
    );
  });

  it("answers 1000 good sets with up to 4 mutations with a set or a problem that has a line", () => {
    const cases = fc.tuple(fc.nat(examples.length - 1), fc.array(mutation, { maxLength: 4 }));
    fc.assert(
      fc.property(cases, ([index, mutations]) => {
        const documents = documentsOf(examples[index]!);
        for (const one of mutations) mutate(documents, one);
        assertAnswer([toFile(documents)]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseIntent, for any order", () => {
  const shuffled = <Item>(items: readonly Item[]) =>
    fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

  function reorderKeys(value: unknown, seed: number): unknown {
    if (Array.isArray(value)) return value.map((item) => reorderKeys(item, seed));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(
      ([key, item]) => [key, reorderKeys(item, seed)] as const,
    );
    const turn = seed % entries.length || 0;
    return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)].reverse());
  }

  it("gives one set and one digest to 80 orders of documents, files and keys of each example", () => {
    for (const files of examples) {
      const documents = documentsOf(files);
      const expected = parseIntent(files, readAnything);
      assert.ok(expected.ok);
      const order = fc.tuple(shuffled(documents), fc.nat(20), fc.nat(documents.length));
      fc.assert(
        fc.property(order, ([inOrder, seed, cut]) => {
          const turned = inOrder.map((document) => reorderKeys(document, seed));
          const parsed = parseIntent(
            [
              { ...toFile(turned.slice(0, cut)), file: "z" },
              { ...toFile(turned.slice(cut)), file: "b" },
            ],
            readAnything,
          );

          assert.ok(parsed.ok);
          assert.equal(parsed.value.digest, expected.value.digest);
          assert.deepEqual(parsed.value, expected.value);
        }),
        { numRuns: 80 },
      );
    }
  });

  it("gives another digest to another weight", () => {
    const texts = [1, 2].map((weight) => ({
      file: "a.yaml",
      text: `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: a, owner: b}
spec: {endpoints: [{address: "1.1.1.1:1", weight: ${weight}}]}`,
    }));
    const digests = texts.map((file) => {
      const parsed = parseIntent([file]);
      return parsed.ok ? parsed.value.digest : assert.fail();
    });

    assert.notEqual(digests[0], digests[1]);
    assert.match(digests[0]!, /^[0-9a-f]{64}$/);
  });
});

describe("parseIntent, for two faults", () => {
  /** One fault each, far from the others: what it does and the start of the line that tells. */
  // biome-ignore lint/suspicious/noExplicitAny: the documents are spoilt at places no type knows
  const faults: readonly [string, (set: Record<string, any>) => void][] = [
    ["spec.listeners[0].port", (set) => (set.gateway.spec.listeners[0].port = 70_000)],
    [
      "spec.rules[0].backendRefs[0].name",
      (set) => (set.route.spec.rules[0].backendRefs[0].name = "no"),
    ],
    ["spec.rules[0].timeouts.request", (set) => (set.route.spec.rules[0].timeouts.request = "2")],
    ["spec.hostname", (set) => (set.route.spec.hostname = "a.b")],
    ["spec.limit.initial", (set) => (set.shedding.spec.limit.initial = 201)],
    ["spec.tiers[0].nam", (set) => (set.shedding.spec.tiers[0].nam = "x")],
    ["spec.unmatched", (set) => (set.shedding.spec.unmatched = "nowhere")],
    ["spec.answer.status", (set) => (set.shedding.spec.answer.status = 200)],
    ["spec.endpoints[1]", (set) => (set.service.spec.endpoints[1] = "127.0.0.1:9001")],
    ["spec.circuitBreaker.maxPending", (set) => (set.service.spec.circuitBreaker.maxPending = "1")],
    ["metadata.name", (set) => (set.gateway.metadata.labels = set.gateway.metadata.name = "")],
  ];

  it(`tells of both, for each of ${(faults.length * (faults.length - 1)) / 2} pairs`, () => {
    const quickStart = examples.find((files) => files.some(({ file }) => file === "shop.yaml"))!;
    for (const [i, [path, spoil]] of faults.entries()) {
      for (const [otherPath, spoilOther] of faults.slice(i + 1)) {
        const [gateway, route, service, shedding] = documentsOf(quickStart);
        const set = { gateway, route, service, shedding };
        spoil(set);
        spoilOther(set);
        const parsed = parseIntent([toFile(Object.values(set))]);
        const paths = parsed.problems.map((problem) => problem.path);

        assert.ok(
          paths.includes(path) && paths.includes(otherPath),
          `${path}, ${otherPath}: ${paths}`,
        );
      }
    }
  });
});
