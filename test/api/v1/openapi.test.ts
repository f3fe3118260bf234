import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "../../../src/api/v1/openapi.ts";
import { ORDERS } from "../../../src/api/v1/orders.ts";
import { READS } from "../../../src/api/v1/routes.ts";
import { exampleApi } from "../../support/operators/example-api.ts";
import { projectRoot } from "../../support/project-root.ts";

describe("OpenAPI document", () => {
  it("is what docs/openapi.json holds: npm run openapi writes it anew", () => {
    const committed: unknown = JSON.parse(
      readFileSync(join(projectRoot, "docs/openapi.json"), "utf8"),
    );
    assert.deepEqual(committed, JSON.parse(JSON.stringify(openApiDocument())));
  });

  it("is served at /openapi.json", async () => {
    const response = await exampleApi().get("/openapi.json");

    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { openapi: string }).openapi, "3.1.0");
  });

  it("names every address, with an operation id of its own, and no reference that leads nowhere", () => {
    const text = JSON.stringify(openApiDocument());
    const { paths, components } = JSON.parse(text) as {
      paths: Record<string, Record<string, { operationId: string }>>;
      components: Record<string, Record<string, unknown>>;
    };
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

    assert.equal(operations.length, READS.length + ORDERS.length + 1);
    assert.equal(new Set(operations.map((each) => each.operationId)).size, operations.length);
    for (const [, group, name] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g))
      assert.ok(components[group!]?.[name!] !== undefined, `${group}/${name}`);
    assert.equal(text.match(/"\$ref":"#\/(?!components)/g), null);
  });
});
