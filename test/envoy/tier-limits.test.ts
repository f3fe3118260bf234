import assert from "node:assert/strict";
import { type ActionInForce, knobOf, type MeshMove } from "../../src/decide/act/action.ts";
import { layOver } from "../../src/decide/act/effective.ts";
import { Backend } from "../support/backend.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
import {
  httpRoute,
  loopbackGateway,
  match,
  oneVersion,
  policySet,
  rateLimit,
  rule,
  service,
  shedding,
} from "../support/policy-set.ts";

/** A token a day: none comes back during a test, so that every count is exact. */
const DAILY = { requests: 1, perMs: 86_400_000 };

const TIERS = [
  {
    name: "critical",
    floorRatio: 0.5,
    matches: [
      { headers: [{ name: "X-Class", value: "order" }] },
      { headers: [], path: { type: "PathPrefix" as const, value: "/pay" } },
    ],
  },
  { name: "normal", matches: [] },
  { name: "batch", matches: [{ headers: [{ name: "x-class", value: "batch" }] }] },
];

/** 20 tokens of all, of which a tenth for each tier that is named. */
const MOVE: MeshMove = {
  kind: "rateLimit",
  name: "api",
  factor: 0.1,
  tiers: ["critical", "normal"],
};
const ACTION: ActionInForce = {
  id: "a-1",
  knob: knobOf(MOVE),
  by: { kind: "Policy", name: "p" },
  class: "reliability",
  move: MOVE,
  sinceTick: 0,
  isShadow: false,
};

describe("limits of tiers on a real Envoy", () => {
  let backend: Backend;
  let envoy: FileEnvoy;
  let origin: string;

  before(async () => {
    backend = await Backend.start("ok");
    const target = { kind: "gateway", name: "edge" } as const;
    const paths = ["/", "/pay"].map((value) => match({ path: { type: "PathPrefix", value } }));
    const set = policySet({
      gateways: [loopbackGateway()],
      services: [service({ versions: oneVersion(backend.port) })],
      httpRoutes: [httpRoute({ rules: [rule({ matches: paths })] })],
      sheddings: [shedding({ target, mode: "off", tiers: TIERS, unmatched: 1 })],
      rateLimits: [rateLimit({ name: "api", target, rate: DAILY, burst: 20 })],
    });
    const { policySet: laid } = layOver(set, [ACTION]);
    envoy = await startEdge(laid);
    origin = `http://127.0.0.1:${await envoy.port("edge_0")}`;
  });
  after(async () => {
    await envoy?.stop();
    backend?.stop();
  });

  async function passed(
    count: number,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<number> {
    let ok = 0;
    for (let sent = 0; sent < count; sent++) {
      const response = await fetch(`${origin}${path}`, { headers });
      await response.text();
      if (response.status === 200) ok += 1;
    }
    return ok;
  }

  it("passes 2 normal requests of 20, 10 critical ones, whose floor is a half, and batch what is left of all: a request refused by its tier has taken its token of all", async () => {
    assert.equal(await passed(6, "/"), 2);
    assert.equal(await passed(6, "/", { "x-class": "order" }), 6);
    assert.equal(await passed(6, "/pay/now?x=1"), 4);
    const batch = await passed(12, "/", { "x-class": "batch" });
    assert.equal(batch, 20 - 18);
  });
});
