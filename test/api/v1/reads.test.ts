import assert from "node:assert/strict";
import { READS } from "../../../src/api/v1/routes.ts";
import { exampleApi } from "../../support/operators/example-api.ts";
import { ExampleMesh } from "../../support/operators/example-model.ts";
import { nodeDocument, statusDocument } from "../documents.ts";

const EXAMPLES: Readonly<Record<string, string>> = {
  "/v1/nodes/{id}": "/v1/nodes/edge-1",
  "/v1/nodes/{id}/config": "/v1/nodes/edge-1/config",
  "/v1/report/{measure}": "/v1/report/M1",
  "/v1/services/{name}": "/v1/services/checkout",
  "/v1/decisions/{id}": "/v1/decisions/t9k2-4be1d0",
  "/v1/rollouts/{name}": "/v1/rollouts/checkout",
  "/v1/actions/{id}": "/v1/actions/a-t9k2-4be1d0",
};

describe("API v1, reading", () => {
  for (const endpoint of READS) {
    it(`answers ${endpoint.path} with what its schema says`, async () => {
      const response = await exampleApi().get(EXAMPLES[endpoint.path] ?? endpoint.path);

      assert.equal(response.status, 200);
      const parsed = endpoint.answer.safeParse(await response.json());
      assert.deepEqual(parsed.error?.issues ?? [], []);
    });
  }

  for (const endpoint of READS.filter(({ part }) => part !== undefined)) {
    it(`says by name that ${endpoint.part} is not available for ${endpoint.path}`, async () => {
      const { get } = exampleApi({ model: {} });

      const response = await get(EXAMPLES[endpoint.path] ?? endpoint.path);

      assert.equal(response.status, 404);
      const { title } = (await response.json()) as { title: string };
      assert.equal(title, `${endpoint.part} is not available`);
    });
  }

  for (const path of Object.keys(EXAMPLES)) {
    it(`answers 404 for a name that ${path} does not have`, async () => {
      const response = await exampleApi().get(path.replace(/\{\w+\}/, "no%2Fone"));

      assert.equal(response.status, 404);
    });
  }

  it("walks 1,000 services in 10 pages of 100, each once", async () => {
    const { get } = exampleApi({ model: new ExampleMesh(0, 1000).model });
    const names: string[] = [];
    let pages = 0;
    let next: string | undefined = "";
    while (next !== undefined) {
      const response = await get(`/v1/services${next && `?cursor=${next}`}`);
      const page = (await response.json()) as { items: { name: string }[]; next?: string };
      names.push(...page.items.map(({ name }) => name));
      next = page.next;
      pages++;
    }

    assert.equal(pages, 10);
    assert.equal(new Set(names).size, 1000);
  });

  it("finds the 1 Envoy of 3 that refuses something", async () => {
    const refusing = nodeDocument({
      id: "edge-2",
      types: [
        { type: "LDS", state: "REJECTED", rejections: [{ name: "edge", message: "bad port" }] },
      ],
    });
    const nodes = [nodeDocument(), refusing, nodeDocument({ id: "edge-3" })];
    const { get } = exampleApi({ status: () => statusDocument({ nodes }) });

    const response = await get("/v1/nodes?sync=REJECTED");

    const { items } = (await response.json()) as { items: { id: string }[] };
    assert.deepEqual(
      items.map(({ id }) => id),
      ["edge-2"],
    );
  });

  it("answers 304 without a body to who still holds the same, and 200 once it changed", async () => {
    const { get, mesh } = exampleApi();
    const first = await get("/v1/freeze");
    const etag = first.headers.get("etag")!;

    const same = await get("/v1/freeze", { "if-none-match": `"other", ${etag}` });
    mesh.freeze = { isFrozen: true };
    const changed = await get("/v1/freeze", { "if-none-match": etag });

    assert.equal(same.status, 304);
    assert.equal(await same.text(), "");
    assert.equal(changed.status, 200);
  });

  for (const query of ["limit=0", "limit=1001", "limit=x", "limt=5", "from=yesterday"]) {
    it(`answers ?${query} with 400 and the place that is wrong`, async () => {
      const response = await exampleApi().get(`/v1/decisions?${query}`);

      assert.equal(response.status, 400);
      const { errors } = (await response.json()) as { errors: unknown[] };
      assert.equal(errors.length, 1);
    });
  }

  it("answers an address of the API with another method by 405 and what is possible", async () => {
    const { app } = exampleApi();

    const response = await app.request("http://127.0.0.1/v1/freeze", { method: "DELETE" });

    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD, POST");
  });

  it("refuses what a page of another origin asks", async () => {
    const { get } = exampleApi();

    assert.equal((await get("/v1", { origin: "http://evil.example" })).status, 403);
    assert.equal((await get("/v1", { origin: "null" })).status, 403);
    assert.equal((await get("/v1", { origin: "http://127.0.0.1" })).status, 200);
  });
});
