import assert from "node:assert/strict";
import { buildResources } from "../../src/resources/build.ts";
import { httpRoute, policySet, service } from "../support/policy-set.ts";

function routesOf(decision: string | undefined): string {
  const set = policySet({
    httpRoutes: [httpRoute()],
    services: [service(decision === undefined ? {} : { decision })],
  });
  const built = buildResources(set, { role: "gateway", name: "edge" }, { filterWasm: "/f.wasm" });
  return JSON.stringify(built.filter(({ typeUrl }) => typeUrl.endsWith("RouteConfiguration")));
}

describe("mark of a decision", () => {
  it("names d1 in the response and in the route's metadata while it touches the Service", () => {
    const routes = routesOf("d1");

    assert.ok(routes.includes('"metadata":{"filter_metadata":{"qmesh":{"decision":"d1"}}}'));
    assert.ok(routes.includes('"header":{"key":"x-qmesh-decision","value":"d1"}'));
  });

  it("leaves the routes as they were without one", () => {
    assert.equal(routesOf(undefined).includes("decision"), false);
  });
});
