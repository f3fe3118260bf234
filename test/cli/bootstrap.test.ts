import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildBootstrap, envoyArguments } from "../../src/cli/bootstrap.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";

const EDGE = {
  id: "edge-1",
  role: { role: "gateway", name: "edge" },
  xds: { host: "127.0.0.1", port: 18000 },
  rateLimit: { host: "127.0.0.1", port: 18001 },
  admin: { port: 0 },
} as const;

const SIDECAR = {
  ...EDGE,
  id: "checkout-1",
  role: { role: "sidecar", service: "checkout" },
  locality: { region: "eu", zone: "a" },
} as const;

describe("buildBootstrap", () => {
  for (const [file, options, what] of [
    ["edge", EDGE, "gateway edge"],
    ["checkout-at-eu-a", SIDECAR, "a sidecar at eu/a, which balances by zone"],
  ] as const) {
    it(`gives envoy/${file}.bootstrap.json for ${what}`, () => {
      const url = new URL(`../../../envoy/${file}.bootstrap.json`, import.meta.url);

      assert.deepEqual(buildBootstrap(options), JSON.parse(readFileSync(url, "utf8")));
    });
  }

  it("has a local cluster for none of 3 that cannot balance by zone", () => {
    const { locality: _, ...nowhere } = SIDECAR;
    const cannot = [
      nowhere,
      { ...SIDECAR, locality: { region: "eu", zone: "" } },
      { ...EDGE, locality: SIDECAR.locality },
    ];
    for (const options of cannot) {
      assert.doesNotMatch(JSON.stringify(buildBootstrap(options)), /_local|local_cluster/);
    }
  });

  it("resolves a control plane that is named, not numbered", () => {
    const types = ["127.0.0.1", "::1", "qmesh.example"].map((host) => {
      const bootstrap = buildBootstrap({ ...EDGE, xds: { host, port: 1 } });
      return (bootstrap.static_resources as { clusters: { type: string }[] }).clusters[0]!.type;
    });

    assert.deepEqual(types, ["STATIC", "STATIC", "STRICT_DNS"]);
  });

  it("refuses requests at 98 % of the heap it was given", () => {
    const { overload_manager } = buildBootstrap({ ...EDGE, maxHeapBytes: 2 ** 30 });

    assert.match(
      JSON.stringify(overload_manager),
      /"max_heap_size_bytes":1073741824.*stop_accepting_requests.*"value":0\.98/,
    );
  });

  it("says of a sidecar whose it is", () => {
    const role = { role: "sidecar", service: "checkout" } as const;
    const { node } = buildBootstrap({ ...EDGE, id: "checkout-1", role });

    assert.deepEqual(node, {
      id: "checkout-1",
      cluster: "checkout",
      metadata: { qmesh: { role: "sidecar", service: "checkout" } },
    });
  });

  it("is a message of the protocol in all its parts but the statistics sink", () => {
    const { stats_sinks, overload_manager, ...bootstrap } = buildBootstrap(SIDECAR);

    encodeJson("envoy.config.bootstrap.v3.Bootstrap", bootstrap);
  });
});

describe("envoyArguments", () => {
  it("passes as flags what a bootstrap cannot say", () => {
    const flags = { bootstrapFile: "b.json", adminAddressFile: "admin", concurrency: 2 };

    assert.deepEqual(envoyArguments(flags), [
      ...["--config-path", "b.json", "--admin-address-path", "admin", "--concurrency", "2"],
      "--use-dynamic-base-id",
    ]);
  });
});
