import assert from "node:assert/strict";
import { filterWasmPath } from "../../src/cli/package-files.ts";
import { type ActionInForce, knobOf, type MeshMove } from "../../src/decide/act/action.ts";
import { layOver } from "../../src/decide/act/effective.ts";
import type { Service } from "../../src/policy/intent/service.ts";
import { buildResources } from "../../src/resources/build.ts";
import { Backend } from "../support/backend.ts";
import { startEdge } from "../support/edge-envoy.ts";
import { type FileEnvoy, startFileEnvoy } from "../support/file-envoy.ts";
import { until } from "../support/mesh.ts";
import {
  endpoint,
  httpRoute,
  loopbackGateway,
  match,
  oneVersion,
  policySet,
  rule,
  service,
} from "../support/policy-set.ts";
import { ask } from "../support/traffic.ts";

const MOVES: readonly MeshMove[] = [
  { kind: "timeout", service: "slow", timeoutMs: 100 },
  { kind: "circuitBreaker", service: "narrow", maxConnections: 1, maxPending: 1, maxRequests: 1 },
  {
    kind: "outlier",
    service: "half",
    consecutive5xx: 2,
    baseEjectionSeconds: 60,
    maxEjectedRatio: 0.5,
  },
  { kind: "retries", service: "again", budgetRatio: 0.01 },
  { kind: "mirror", service: "seen", to: "copy", ratio: 1 },
  { kind: "fault", service: "broken", abort: { status: 503, ratio: 1 } },
  { kind: "fault", service: "late", delay: { ms: 300, ratio: 1 } },
  shiftOf("near"),
  shiftOf("zoned"),
];

function shiftOf(service: string): MeshMove {
  const now = { ratio: 0.4, to: { "us/a": 1 } };
  return {
    ...{ kind: "shift", service, from: "eu/a", maxRatio: 0.9, stepRatio: 0.4 },
    ...{ everySeconds: 30, now },
  };
}

/** One endpoint at each place. */
function placed(
  name: string,
  ports: Readonly<Record<string, number>>,
  more: Partial<Service>,
): Service {
  const endpoints = Object.entries(ports).map(([place, port]) => {
    const [region = "", zone = ""] = place.split("/");
    return endpoint({ port, locality: { region, zone } });
  });
  return service({ name, versions: [{ name: "v1", endpoints }], ...more });
}

const BY_ZONE = { prefersZone: true } as const;
const SIDECAR: Partial<Service> = {
  sidecar: { inbound: 0, app: { host: "127.0.0.1", port: 1 }, outbound: 0, calls: ["zoned"] },
};

const ACTIONS = MOVES.map(
  (move, at): ActionInForce => ({
    id: `a-${at}`,
    knob: knobOf(move),
    by: { kind: "Policy", name: "p" },
    class: "reliability",
    move,
    sinceTick: 0,
    isShadow: false,
  }),
);

describe("actions on a real Envoy, beside one without them", () => {
  const envoys: FileEnvoy[] = [];
  let good: Backend;
  let slow: Backend;
  let copy: Backend;
  let far: Backend;
  let bad: Backend;
  /** Of the Envoy without, of that with the actions. */
  let plain: string;
  let acted: string;
  /** Of a sidecar with the actions. */
  let outbound: number;

  before(async () => {
    good = await Backend.start("ok");
    slow = await Backend.start("ok", { delayMs: 400 });
    copy = await Backend.start("copy");
    far = await Backend.start("far");
    bad = await Backend.start("bad", { failing: 1 });
    const at = (name: string, ports: readonly number[], more: Partial<Service> = {}) =>
      service({
        name,
        versions: oneVersion(...ports),
        ...more,
      });
    const services = [
      at("slow", [slow.port], { timeoutMs: 2000 }),
      at("narrow", [slow.port]),
      at("half", [good.port, bad.port]),
      at("again", [bad.port], { retries: { attempts: 3, on: ["5xx"], budgetRatio: 1 } }),
      at("seen", [good.port]),
      at("copy", [copy.port]),
      at("broken", [good.port]),
      at("late", [good.port]),
      placed("near", { "eu/a": good.port, "us/a": far.port }, { failover: { eu: ["us"] } }),
      placed("zoned", { "eu/a": good.port, "eu/b": copy.port, "us/a": far.port }, BY_ZONE),
      placed("front", { "eu/a": 1, "eu/b": 2 }, SIDECAR),
    ];
    const set = policySet({
      gateways: [loopbackGateway()],
      services,
      httpRoutes: services.map(({ name }) =>
        httpRoute({
          name,
          rules: [
            rule({
              matches: [match({ path: { type: "PathPrefix", value: `/${name}` } })],
              backends: [{ service: name, weight: 1 }],
            }),
          ],
        }),
      ),
    });
    const place = { region: "eu", zone: "a" };
    const origins = [];
    for (const actions of [[], ACTIONS]) {
      const { policySet: laid, denials, faults } = layOver(set, actions);
      const envoy = await startEdge(laid, { denials, faults, place });
      envoys.push(envoy);
      origins.push(`http://127.0.0.1:${await envoy.port("edge_0")}`);
    }
    [plain = "", acted = ""] = origins;
    const role = { role: "sidecar", service: "front" } as const;
    const resources = buildResources(layOver(set, ACTIONS).policySet, role, {
      filterWasm: filterWasmPath,
      place,
    });
    const sidecar = await startFileEnvoy(resources, {
      node: { id: "front-1", role, locality: place },
    });
    envoys.push(sidecar);
    outbound = await sidecar.port("front_outbound_0");
  });
  after(async () => {
    for (const envoy of envoys) await envoy.stop();
    for (const backend of [good, slow, copy, far, bad]) backend?.stop();
  });

  async function status(origin: string, path: string): Promise<number> {
    const response = await fetch(`${origin}${path}`);
    await response.text();
    return response.status;
  }
  const both = async (path: string) => [await status(plain, path), await status(acted, path)];

  it("shift: an Envoy that prefers eu sends us none of 100, and 36 to 44 with 40 % shifted", async () => {
    const elsewhere = async (origin: string) => {
      let count = 0;
      for (let i = 0; i < 100; i++) {
        count += Number((await (await fetch(`${origin}/near`)).text()).includes("far"));
      }
      return count;
    };
    assert.equal(await elsewhere(plain), 0);
    const moved = await elsewhere(acted);
    assert.ok(moved >= 36 && moved <= 44, `${moved} of 100`);
  });

  it("shift: of 1,000 calls of a sidecar that balances by zone 32 to 48 % go to us with 40 % shifted, none to the next zone", async () => {
    const counts: Record<string, number> = { ok: 0, copy: 0, far: 0 };
    for (let i = 0; i < 1000; i++) {
      const { body } = await ask(outbound, { headers: { host: "zoned" } });
      counts[body] = (counts[body] ?? 0) + 1;
    }
    // Five standard deviations to either side.
    assert.ok(
      counts.far! >= 320 && counts.far! <= 480 && counts.copy === 0,
      JSON.stringify(counts),
    );
  });

  it("timeout: a service that takes 400 ms is answered 200, with 100 ms it is 504", async () => {
    assert.deepEqual(await both("/slow"), [200, 504]);
  });

  it("circuitBreaker: of 6 at once that take 400 ms all pass, with 1 connection and 1 waiting some get 503", async () => {
    const at = async (origin: string) => {
      const all = await Promise.all(Array.from({ length: 6 }, () => status(origin, "/narrow")));
      return all.filter((code) => code === 503).length;
    };
    assert.equal(await at(plain), 0);
    const refused = await at(acted);
    assert.ok(refused >= 1 && refused <= 5, `${refused} of 6`);
  });

  it("outlier: an instance that fails always is put out after 2 failures, and 20 of 20 pass", async () => {
    const passed = async (origin: string) => {
      const all: number[] = [];
      for (let i = 0; i < 20; i++) all.push(await status(origin, "/half"));
      return all.filter((code) => code === 200).length;
    };
    const half = await passed(plain);
    assert.ok(half > 0 && half < 20, `${half} of 20`);
    await until("the ejection", async () => (await passed(acted)) === 20);
  });

  it("retries: of 40 failures at once fewer are tried again with a budget of 1 % than of all", async () => {
    const again = async (origin: string) => {
      const before = bad.requests;
      await Promise.all(Array.from({ length: 40 }, () => status(origin, "/again")));
      return bad.requests - before - 40;
    };
    const [all, few] = [await again(plain), await again(acted)];
    assert.ok(few < all, `${all} and ${few} retries`);
  });

  it("mirror: each of 5 requests is copied, and answered by the service itself", async () => {
    for (let i = 0; i < 5; i++) assert.equal(await status(plain, "/seen"), 200);
    assert.equal(copy.requests, 0);
    for (let i = 0; i < 5; i++) assert.equal(await status(acted, "/seen"), 200);
    await until("5 copies", () => copy.requests === 5);
  });

  it("fault: every request is refused with 503 before it reaches the service, or held for 300 ms", async () => {
    assert.equal(await status(plain, "/broken"), 200);
    const before = good.requests;
    assert.equal(await status(acted, "/broken"), 503);
    assert.equal(good.requests, before);
    const began = performance.now();
    assert.equal(await status(acted, "/late"), 200);
    assert.ok(performance.now() - began >= 295, `${performance.now() - began} ms`);
  });
});
