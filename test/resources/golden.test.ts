import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decodeJson } from "../../src/proto/decode-json.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { buildResources } from "../../src/resources/build.ts";
import { SHEDDING_FILTER } from "../../src/resources/names.ts";
import type { EnvoyResource } from "../../src/resources/resource.ts";
import { CALLS, HOSTS, MESH, SECURE, SHOP } from "./intents.ts";

const FILTER_CONFIG = "qmesh.filter.v1.FilterConfig";

interface FilterBody {
  readonly typed_config: {
    readonly config: { readonly configuration: { readonly value: string } };
  };
}

/** The resources with the bytes of the filter's configuration opened, so that a person can check them. */
function readable(resources: readonly EnvoyResource[]): unknown {
  return resources.map((resource) => {
    if (resource.name !== SHEDDING_FILTER) return resource;
    const copy = structuredClone(resource);
    const { configuration } = (copy.body as unknown as FilterBody).typed_config.config;
    const opened = decodeJson(FILTER_CONFIG, Buffer.from(configuration.value, "base64"));
    Object.assign(configuration, { value: opened });
    return copy;
  });
}

function golden(name: string): unknown {
  const url = new URL(`../../../test/resources/${name}.golden.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

describe("buildResources", () => {
  for (const [name, set, what] of [
    ["shop", SHOP, "one route to one service in two versions"],
    [
      "hosts",
      HOSTS,
      "three listeners on two ports, three routes, five Sheddings of which three hold",
    ],
    ["secure", SECURE, "three HTTPS listeners on one port, one with a certificate from files"],
    ["calls", CALLS, "a GRPCRoute with three matches on a listener of its own"],
  ] as const) {
    it(`gives the resources of ${name}.golden.json: ${what}`, () => {
      const memory = new Map([["checkout", { limit: 41.5, baselineMs: 20.25 }]]);
      const options = { filterWasm: "/opt/qmesh/filter.wasm", memory };

      const resources = buildResources(set, { role: "gateway", name: "edge" }, options);

      assert.deepEqual(readable(resources), golden(name));
      for (const { typeUrl, body } of resources) encodeJson(typeUrl, body);
    });
  }

  it("gives the resources of mesh.golden.json: a sidecar that may call three services, three Sheddings of five", () => {
    const role = { role: "sidecar", service: "checkout" } as const;

    const resources = buildResources(MESH, role, { filterWasm: "/opt/qmesh/filter.wasm" });

    assert.deepEqual(readable(resources), golden("mesh"));
    for (const { typeUrl, body } of resources) encodeJson(typeUrl, body);
  });

  it("gives nothing to a sidecar of a service that says nothing of sidecars", () => {
    const role = { role: "sidecar", service: "audit" } as const;

    assert.deepEqual(buildResources(MESH, role, { filterWasm: "/f.wasm" }), []);
  });

  it("gives nothing to a gateway that the intent does not have", () => {
    const role = { role: "gateway", name: "other" } as const;

    assert.deepEqual(buildResources(SHOP, role, { filterWasm: "/f.wasm" }), []);
  });
});
