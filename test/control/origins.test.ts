import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { loadIntent } from "../../src/control/intent-source.ts";
import { Origins } from "../../src/control/origins.ts";
import { rolesOf } from "../../src/policy/node-role.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { CLUSTER_TYPE, LISTENER_TYPE, ROUTE_TYPE } from "../../src/proto/type-url.ts";
import { buildResources } from "../../src/resources/build.ts";
import { contentOf, documentsOf } from "../../src/resources/origin.ts";
import { gateway, httpRoute, match, policySet, rule, service } from "../support/policy-set.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);
const [authorities, certificate, privateKey] = ["authorities", "certificate", "key"] as const;
const IDENTITY = { trustDomain: "shop.example", authorities, certificate, privateKey };
const OPTIONS = { filterWasm: "/f.wasm", identity: IDENTITY };
const EDGE = { role: "gateway", name: "edge" } as const;

describe("documents of what was published", () => {
  for (const example of readdirSync(EXAMPLES)) {
    it(`examples/${example}: each resource is of 1 document or more, each of them in the intent`, async () => {
      const { policySet: set } = await loadIntent(new URL(example, EXAMPLES).pathname);
      assert.ok(set);
      for (const role of rolesOf(set)) {
        for (const resource of buildResources(set, role, OPTIONS)) {
          const documents = documentsOf(resource, set, role);
          assert.ok(documents.length > 0, resource.name);
          for (const each of documents) assert.ok(contentOf(set, each), `${resource.name} ${each}`);
        }
      }
    });
  }

  const paths = (a: string, b: string) =>
    policySet({
      gateways: [gateway()],
      httpRoutes: [
        httpRoute({ name: "a", rules: [rule({ matches: [match({ path: prefix(a) })] })] }),
        httpRoute({ name: "b", rules: [rule({ matches: [match({ path: prefix(b) })] })] }),
      ],
      services: [service()],
    });

  function prefix(value: string) {
    return { type: "PathPrefix", value } as const;
  }

  function publish(origins: Origins, set: PolicySet, version: string): void {
    const resources = buildResources(set, EDGE, OPTIONS);
    const published = resources.map((resource) => ({ resource, version }));
    origins.note({ key: "gateway/edge", role: EDGE }, published, set);
  }

  function routesOf(set: PolicySet) {
    const found = buildResources(set, EDGE, OPTIONS).find(({ typeUrl }) => typeUrl === ROUTE_TYPE);
    assert.ok(found);
    return { key: "gateway/edge", typeUrl: ROUTE_TYPE, name: found.name };
  }

  it("are of 2 routes the one that changed since the version accepted last, and both if there is none", () => {
    const origins = new Origins();
    const first = paths("/a", "/b");
    publish(origins, first, "v1");
    publish(origins, paths("/a", "/bad"), "v2");
    const routes = routesOf(first);

    assert.deepEqual(origins.documentsOf({ ...routes, version: "v2", lastGood: "v1" }), [
      "HTTPRoute/b",
    ]);
    assert.deepEqual(origins.documentsOf({ ...routes, version: "v2" }), [
      "HTTPRoute/a",
      "HTTPRoute/b",
    ]);
  });

  it("are known for the last 4 versions, and none for an older or a foreign one", () => {
    const origins = new Origins();
    const set = paths("/a", "/b");
    for (let i = 1; i <= 5; i++) publish(origins, set, `v${i}`);
    const routes = routesOf(set);

    assert.equal(origins.documentsOf({ ...routes, version: "v2" }).length, 2);
    assert.deepEqual(origins.documentsOf({ ...routes, version: "v1" }), []);
    assert.deepEqual(origins.documentsOf({ ...routes, key: "gateway/x", version: "v5" }), []);
  });

  it("are the Service of a cluster and the Gateway of a listener", () => {
    const set = paths("/a", "/b");
    const found = buildResources(set, EDGE, OPTIONS).map((resource) => [
      resource.typeUrl,
      documentsOf(resource, set, EDGE).join(),
    ]);
    const kinds = Object.fromEntries(found);
    assert.match(kinds[CLUSTER_TYPE] ?? "", /^Service\/\w+$/);
    assert.equal(kinds[LISTENER_TYPE], "Gateway/edge");
  });
});
