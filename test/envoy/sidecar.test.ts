import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { Recorder } from "../support/recorder.ts";

/** Another address of this machine: to the sidecar, a peer that is not loopback. */
const FOREIGN = "127.0.0.2";

interface Ports {
  readonly app: number;
  readonly ledger: number;
  readonly copy: number;
  /** Where the sidecar of checkout is reached; 1 until it is known. */
  readonly inbound: number;
}

/**
 * The gateway tells gold by the path, which its route then rewrites: the second hop finds no gold unless it believes the
 * first. A copy of each request goes to a server of its own, with what the gateway wrote on it.
 */
function intent({ app, ledger, copy, inbound }: Ports): string {
  const service = (name: string, port: number, more = "") => `
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {endpoints: ["127.0.0.1:${port}"]${more}}`;
  return `
${EDGE_GATEWAY}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: edge}
spec:
  parentRefs: [{name: edge}]
  rules:
    - backendRefs: [{name: checkout}]
      filters:
        - {type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /}}}
        - {type: RequestMirror, requestMirror: {backendRef: {name: copy}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ledger}
spec:
  parentRefs: [{group: quantum.mesh, kind: Service, name: ledger}]
  rules:
    - matches: [{path: {value: /v2}}]
      backendRefs: [{name: ledger}]
${service("checkout", inbound, `, sidecar: {inbound: 0, app: "127.0.0.1:${app}", outbound: 0, calls: [copy, ledger]}`)}
${service("ledger", ledger)}
${service("copy", copy)}
${service("hidden", copy)}
${["gateway: edge", "service: checkout"]
  .map(
    (target) => `
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: ${target.split(": ")[1]}, owner: team}
spec:
  target: {${target}}
  tiers:
    - name: gold
      matches: [{path: {type: Exact, value: /gold}}, {headers: [{name: x-user, value: vip}]}]
    - {name: rest}
  trust: [{header: x-user, from: mesh}]`,
  )
  .join("")}
`;
}

describe("a sidecar on a real Envoy", () => {
  const servers: Recorder[] = [];
  let mesh: Mesh;
  let app: Recorder;
  let copy: Recorder;
  let sidecar: RunningEnvoy;
  let inbound: number;
  let outbound: number;
  let edge: number;

  before(async () => {
    mesh = new Mesh();
    for (const name of ["app", "ledger", "copy"]) servers.push(await Recorder.start(name));
    const [first, ledger, third] = servers;
    app = first!;
    copy = third!;
    const ports = { app: app.port, ledger: ledger!.port, copy: copy.port };
    mesh.writeIntent(intent({ ...ports, inbound: 1 }));
    await mesh.startServe();
    sidecar = await mesh.startEnvoy("checkout-1", { service: "checkout", concurrency: 1 });
    inbound = await listenerPort(sidecar, "checkout_inbound_0");
    outbound = await listenerPort(sidecar, "checkout_outbound_0");
    mesh.writeIntent(intent({ ...ports, inbound }));
    edge = await listenerPort(await mesh.startEnvoy("edge-1", { concurrency: 1 }), "edge_0");
    await until("the gateway to reach the sidecar", async () => {
      const { status } = await ask(edge, "/");
      return status === 200 ? true : undefined;
    });
    await until("the filter to publish it", async () => (await tiers()).rest >= 1);
  });
  beforeEach(() => {
    for (const server of servers) server.seen.length = 0;
  });
  after(async () => {
    await mesh?.stop();
    for (const server of servers) server.stop();
  });

  interface Options {
    readonly headers?: Record<string, string | string[]>;
    readonly localAddress?: string;
  }

  async function ask(port: number, path: string, options: Options = {}) {
    const outgoing = request({ port, host: "127.0.0.1", path, agent: false, ...options });
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    return { status: response.statusCode, body: (await response.toArray()).join("") };
  }

  /** How often the filter of the sidecar admitted a request as gold and as rest. */
  async function tiers(): Promise<{ gold: number; rest: number }> {
    const response = await fetch(`${sidecar.admin}/stats?filter=qmesh.checkout.tier`);
    const text = await response.text();
    const count = (tier: string) =>
      Number(new RegExp(`${tier}.admitted: (\\d+)`).exec(text)?.[1] ?? 0);
    return { gold: count("gold"), rest: count("rest") };
  }

  async function tiersOf(requests: () => Promise<void>): Promise<{ gold: number; rest: number }> {
    const before = await tiers();
    await requests();
    return until("the filter to publish 5 requests more", async () => {
      const after = await tiers();
      const more = { gold: after.gold - before.gold, rest: after.rest - before.rest };
      return more.gold + more.rest >= 5 ? more : undefined;
    });
  }

  const SPOOFED = { "x-qmesh-tier": ["gold;17", "gold;18"], "x-user": "vip" };

  it("takes 2 copies of a spoofed x-qmesh-tier and a mesh-only header off 5 of 5 foreign requests", async () => {
    const counted = await tiersOf(async () => {
      for (let i = 0; i < 5; i++) {
        await ask(inbound, "/", { headers: SPOOFED, localAddress: FOREIGN });
      }
    });

    assert.deepEqual(counted, { gold: 0, rest: 5 });
    assert.equal(app.seen.length, 5);
    for (const { of } of app.seen) {
      assert.match(of("x-qmesh-tier").join(), /^rest;\d+$/);
      assert.deepEqual(of("x-user"), []);
    }
  });

  it("believes a peer on loopback, and passes on 1 of 2 copies: the one it judged", async () => {
    const counted = await tiersOf(async () => {
      for (let i = 0; i < 5; i++) await ask(inbound, "/", { headers: SPOOFED });
    });

    assert.deepEqual(counted, { gold: 5, rest: 0 });
    assert.deepEqual(
      app.seen.map(({ of }) => [of("x-qmesh-tier"), of("x-user")]),
      Array.from({ length: 5 }, () => [["gold;17"], ["vip"]]),
    );
  });

  it("decides as the gateway before it in 10 of 10 requests: the same tier and the same cohort", async () => {
    for (let i = 0; i < 5; i++) {
      await ask(edge, "/gold", { headers: SPOOFED });
      await ask(edge, "/", { headers: SPOOFED });
    }

    const written = await until("10 copies", () =>
      copy.seen.length >= 10 ? copy.seen : undefined,
    );
    const first = new Map(written.map(({ id, of }) => [id, of("x-qmesh-tier").join()]));
    const second = new Map(app.seen.map(({ id, of }) => [id, of("x-qmesh-tier").join()]));
    assert.deepEqual([...second].sort(), [...first].sort());
    const names = [...second.values()].map((stamp) => stamp.split(";")[0]);
    assert.deepEqual(
      names.toSorted(),
      [..."ggggg"].map(() => "gold").concat(Array(5).fill("rest")),
    );
    assert.equal(new Set([...second.values()].map((stamp) => stamp.split(";")[1])).size > 1, true);
  });

  it("gives a request that a foreign peer passes on the cohort its id gives at a peer it believes", async () => {
    const headers = { "x-request-id": "4dc1a7c2-8f3e-4a53-9b7a-0c1d6e5f7a81" };
    await ask(inbound, "/", { headers });
    await ask(inbound, "/", { headers, localAddress: FOREIGN });

    const [believed, foreign] = app.seen.map(({ of }) => of("x-qmesh-tier").join());
    assert.match(String(believed), /^rest;\d+$/);
    assert.equal(foreign, believed);
  });

  for (const [host, path, status, body] of [
    ["ledger", "/v2/x", 200, "ledger"],
    ["ledger:8080", "/v2", 200, "ledger"],
    ["LEDGER:1", "/v2", 200, "ledger"],
    ["ledger", "/v1", 404, ""],
    ["copy", "/any", 200, "copy"],
    ["copy:9999", "/", 200, "copy"],
    ["hidden", "/", 404, ""],
    ["other.example", "/", 404, ""],
  ] as const) {
    it(`answers the instance's call of ${host}${path} with ${status} ${body}`, async () => {
      assert.deepEqual(await ask(outbound, path, { headers: { host } }), { status, body });
    });
  }

  it("passes on the tier the instance got, once", async () => {
    await ask(outbound, "/", { headers: { host: "copy", "x-qmesh-tier": ["gold;9", "gold;1"] } });

    assert.deepEqual(copy.seen[0]?.of("x-qmesh-tier"), ["gold;9"]);
  });

  it("has exactly 2 listeners and the clusters of its instance and of the 2 services it calls", async () => {
    const clusters = await (await fetch(`${sidecar.admin}/clusters`)).text();
    const listeners = await (await fetch(`${sidecar.admin}/listeners`)).text();
    const names = new Set(clusters.split("\n").map((line) => line.split("::")[0]));

    assert.deepEqual([...names].filter((name) => name !== "").sort(), [
      "checkout_app",
      "copy.v1",
      "ledger.v1",
      "qmesh_rate_limit",
      "qmesh_xds",
    ]);
    assert.deepEqual(
      listeners
        .trim()
        .split("\n")
        .map((line) => line.split("::")[0])
        .sort(),
      ["checkout_inbound_0", "checkout_outbound_0"],
    );
  });
});
