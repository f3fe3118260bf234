import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { buildAll } from "../../src/control/publisher.ts";
import type { ReadBeside } from "../../src/policy/beside-file.ts";
import { roleKey, rolesOf } from "../../src/policy/node-role.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import { createCertificate } from "../support/certificate.ts";
import { Random } from "../support/fuzz/random.ts";

/** Replicas that read the same intent, each in an order of its own, give every Envoy the same bytes. */
interface File {
  readonly file: string;
  readonly text: string;
}

const root = new URL("../../../examples/", import.meta.url);
const examples = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, documents: documentsOf(new URL(`${name}/`, root)) }));

const { certificate } = createCertificate("any.example");
const KEYS = JSON.stringify({ keys: [{ kty: "EC", crv: "P-256", x: "AA", y: "AA" }] });

const IDENTITY = {
  trustDomain: "shop.example",
  authorities: "AUTHORITIES",
  certificate: "CERTIFICATE",
  privateKey: "PRIVATE KEY",
};

const readBeside: ReadBeside = (_documentFile, path) => {
  const text = path.endsWith(".pem")
    ? certificate
    : path.endsWith(".json")
      ? KEYS
      : "endpoints: [127.0.0.1:9001]";
  return { ok: true, absolutePath: `/${path}`, text };
};

function documentsOf(folder: URL): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  const texts = files.map((file) => readFileSync(new URL(file, folder), "utf8"));
  return texts.flatMap((text) => text.split(/^---$/m)).filter((text) => /^kind:/m.test(text));
}

/** Name and version of every resource of every role, and a hash of all bytes. */
function outcomeOf(files: readonly File[]): {
  readonly versions: string[];
  readonly bytes: string;
} {
  const parsed = parseIntent(files, readBeside);
  assert.ok(parsed.ok, JSON.stringify(parsed.problems));
  const built = buildAll(
    rolesOf(parsed.value).map((role) => ({
      ...{ key: roleKey(role), role, policySet: parsed.value },
      options: { filterWasm: "/filter.wasm", identity: IDENTITY },
    })),
  );
  const versions: string[] = [];
  const hash = createHash("sha256");
  for (const { key, snapshot } of built) {
    for (const [typeUrl, { version, resources }] of snapshot.types) {
      versions.push(`${key} ${typeUrl} ${version}`);
      for (const one of resources.values()) {
        versions.push(`${key} ${typeUrl} ${one.name} ${one.version}`);
        hash.update(one.value);
      }
    }
  }
  return { versions, bytes: hash.digest("hex") };
}

/** The documents in another order, in 1 to 4 files with names in another order. */
function shuffle(documents: readonly string[], random: Random): File[] {
  const left = [...documents];
  const files = Array.from({ length: 1 + random.below(4) }, (_, i) => ({
    file: `${random.below(1000)}-${i}.yaml`,
    texts: [] as string[],
  }));
  while (left.length > 0) {
    random.pick(files).texts.push(...left.splice(random.below(left.length), 1));
  }
  return files.map(({ file, texts }) => ({ file, text: texts.join("\n---\n") }));
}

describe("static stability", () => {
  it("gives every role byte-identical resources and versions in 200 orders of documents and files", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = new Random(seed);
    const expected = examples.map(({ documents }) =>
      outcomeOf([{ file: "all.yaml", text: documents.join("\n---\n") }]),
    );
    for (let run = 0; run < 200; run++) {
      const index = run % examples.length;
      const { name, documents } = examples[index]!;
      const found = outcomeOf(shuffle(documents, random));
      assert.deepEqual(found, expected[index], `seed ${seed}, order ${run}, example ${name}`);
    }
    assert.ok(expected.every(({ versions }) => versions.length > 3));
  });
});
