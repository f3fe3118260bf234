import assert from "node:assert/strict";
import { decodeJson } from "../../src/proto/decode-json.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";

const CLUSTER = {
  name: "checkout/v1",
  type: "EDS",
  connect_timeout: "0.25s",
  per_connection_buffer_limit_bytes: 32768,
  metadata: {
    filter_metadata: { qmesh: { service: "checkout", share: 0.5, tags: ["a", true, null] } },
  },
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http_protocol_options: {} },
    },
  },
};

describe("proto3 JSON codec", () => {
  it("gives back what it encoded: durations, wrappers, structs, maps and an Any", () => {
    assert.deepEqual(decodeJson(CLUSTER_TYPE, encodeJson(CLUSTER_TYPE, CLUSTER)), CLUSTER);
  });

  it("encodes equal content to equal bytes whatever the order of its keys", () => {
    const reversed = Object.fromEntries(Object.entries(CLUSTER).reverse());
    assert.deepEqual(encodeJson(CLUSTER_TYPE, reversed), encodeJson(CLUSTER_TYPE, CLUSTER));
  });

  it("carries wasm failure_policy and reload_config, which are newer than the proto text", () => {
    const type = "envoy.extensions.wasm.v3.PluginConfig";
    const json = {
      name: "shed",
      failure_policy: "FAIL_RELOAD",
      reload_config: { backoff: { base_interval: "0.010s" } },
    };
    assert.deepEqual(decodeJson(type, encodeJson(type, json)), {
      ...json,
      reload_config: { backoff: { base_interval: "0.01s" } },
    });
  });

  for (const [what, json, message] of [
    [
      "an unknown field",
      { nam: "x" },
      "Cluster.nam: envoy.config.cluster.v3.Cluster has no such field",
    ],
    [
      "a wrong enum value",
      { type: "EDDS" },
      "Cluster.type: EDDS is not a envoy.config.cluster.v3.Cluster.DiscoveryType",
    ],
    [
      "a number above 2^32",
      { per_connection_buffer_limit_bytes: 2 ** 32 },
      "Cluster.per_connection_buffer_limit_bytes: 4294967296 is not a uint32",
    ],
    [
      "a bad duration",
      { connect_timeout: "250ms" },
      'Cluster.connect_timeout: "250ms" is not a duration such as "1.5s"',
    ],
    [
      "two fields of one oneof",
      { type: "EDS", cluster_type: { name: "x" } },
      "Cluster.cluster_type: type is set too; only one of cluster_discovery_type may be",
    ],
  ] as const) {
    it(`refuses ${what} with its path`, () => {
      assert.throws(() => encodeJson(CLUSTER_TYPE, json), { message });
    });
  }
});
