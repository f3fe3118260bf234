import assert from "node:assert/strict";
import {
  formatSpiffeId,
  isSegment,
  parseSpiffeId,
  type SpiffeId,
  spiffeIdIn,
} from "../../src/identity/spiffe-id.ts";

const trustDomain = "shop.example";
const EDGE = { role: "gateway", name: "edge" } as const;
const CHECKOUT = { role: "sidecar", service: "checkout" } as const;

const IDS: readonly [string, SpiffeId["holder"]][] = [
  ["spiffe://shop.example", { kind: "authority" }],
  ["spiffe://shop.example/control-plane", { kind: "control-plane" }],
  ["spiffe://shop.example/gateway/edge", { kind: "role", role: EDGE }],
  [
    "spiffe://shop.example/sidecar/checkout/node/c-1.eu",
    { kind: "node", role: CHECKOUT, nodeId: "c-1.eu" },
  ],
  ["spiffe://shop.example/operator/alice", { kind: "operator", name: "alice" }],
];

describe("a SPIFFE id", () => {
  for (const [uri, holder] of IDS) {
    it(`is read from ${uri} and written as it was`, () => {
      assert.deepEqual(parseSpiffeId(uri), { trustDomain, holder });
      assert.equal(formatSpiffeId({ trustDomain, holder }), uri);
    });
  }

  for (const uri of [
    "spiffe://Shop.example/control-plane",
    "spiffe:///control-plane",
    "spiffe://shop.example/",
    "spiffe://shop.example/control-plane/",
    "spiffe://shop.example/gateway",
    "spiffe://shop.example/gateway/edge/node",
    "spiffe://shop.example/gateway/../node/a",
    "spiffe://shop.example/gateway/edge/node/.",
    "spiffe://shop.example/gateway/edge/node/a/b",
    "spiffe://shop.example/gateway/edge/node/a%2fb",
    "spiffe://shop.example/router/edge",
    "https://shop.example/control-plane",
    "spiffe://shop.example:80/control-plane",
    "spiffe://shop.example/control-plane\n",
  ]) {
    it(`is not ${JSON.stringify(uri)}`, () => {
      assert.equal(parseSpiffeId(uri), undefined);
    });
  }

  const own = "URI:spiffe://shop.example/control-plane";
  for (const [names, isTaken] of [
    [own, true],
    [`DNS:localhost, ${own}`, true],
    [`${own}, ${own}`, false],
    [`${own}, URI:https://shop.example`, false],
    [`DNS:"a, ${own}, b"`, false],
    ["DNS:localhost", false],
    ["", false],
    [undefined, false],
  ] as const) {
    it(`is ${isTaken ? "" : "not "}found in the alternative names ${names}`, () => {
      assert.equal(spiffeIdIn(names) !== undefined, isTaken);
    });
  }

  it("holds node ids of 1 to 253 letters, digits, dots, dashes and underscores", () => {
    for (const id of ["a", "edge-1", "A_b.c", "a".repeat(253), "..."]) assert.ok(isSegment(id), id);
    for (const id of ["", ".", "..", "a/b", "a b", "ä", "a".repeat(254), "a\n"])
      assert.ok(!isSegment(id), id);
  });
});
