import assert from "node:assert/strict";
import { supportedKinds } from "../../src/policy/kinds.ts";
import { intentSchema } from "../../src/policy/schema.ts";

interface Schema {
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly const?: string;
  readonly additionalProperties?: unknown;
}

describe("intentSchema", () => {
  const kinds = (intentSchema() as Schema).oneOf ?? [];

  it("has one branch for each supported kind, of its apiVersion", () => {
    const branches = kinds.map(({ properties }) => [
      properties?.kind?.const,
      properties?.apiVersion?.const,
    ]);

    assert.deepEqual(Object.fromEntries(branches), supportedKinds);
  });

  it("is plain JSON and closed at the document, its metadata and its spec", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(kinds)), kinds);
    for (const { additionalProperties, properties } of kinds) {
      assert.equal(additionalProperties, false);
      assert.equal(properties?.metadata?.additionalProperties, false);
      assert.equal(properties?.spec?.additionalProperties, false);
    }
  });

  it("requires of a spec only what it has", () => {
    for (const { properties } of kinds) {
      const { required = [], properties: fields = {} } = properties?.spec ?? {};
      assert.deepEqual(
        required.filter((name) => !Object.hasOwn(fields, name)),
        [],
      );
    }
  });
});
