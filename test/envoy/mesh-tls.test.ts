import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import { Authority, splitBundle } from "../../src/identity/authority.ts";
import type { KeyPair } from "../../src/identity/certificate.ts";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { Identities } from "../support/identities.ts";
import {
  envoyStat,
  getJson,
  listenerPort,
  Mesh,
  type RunningEnvoy,
  until,
} from "../support/mesh.ts";
import { Recorder } from "../support/recorder.ts";
import { ask, failures, startTraffic } from "../support/traffic.ts";

type Mode = "off" | "permissive" | "strict";

interface Ports {
  readonly app: number;
  /** Where the sidecar of checkout is reached; 1 until it is known. */
  readonly inbound: number;
  readonly mode: Mode;
}

/** Shadow: what fails here is no overload of this machine. The gateway tells gold by the path, which its route then rewrites: a sidecar finds no gold unless it believes the gateway. */
function intent({ app, inbound, mode }: Ports): string {
  const tls = mode === "off" ? "" : `, tls: {mode: ${mode}}`;
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
      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /}}}]
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: checkout, owner: team}
spec: {endpoints: ["127.0.0.1:${inbound}"], sidecar: {inbound: 0, app: "127.0.0.1:${app}", outbound: 0, calls: []}${tls}}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: front, owner: team}
spec: {endpoints: ["127.0.0.1:1"], sidecar: {inbound: 0, app: "127.0.0.1:1", outbound: 0, calls: [checkout]}}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: checkout, owner: team}
spec:
  target: {service: checkout}
  mode: shadow
  tiers:
    - name: gold
      matches: [{path: {type: Exact, value: /gold}}, {headers: [{name: x-user, value: vip}]}]
    - {name: rest}
  trust: [{header: x-user, from: mesh}]
`;
}

const CHECKOUT = { kind: "role", role: { role: "sidecar", service: "checkout" } } as const;
const FRONT = { kind: "role", role: { role: "sidecar", service: "front" } } as const;
const EDGE = { kind: "role", role: { role: "gateway", name: "edge" } } as const;
const SPOOFED = { "x-qmesh-tier": "gold;17", "x-user": "vip" };

describe("mTLS between Envoys of the mesh", () => {
  let identities: Identities;
  let others: Identities;
  let mesh: Mesh;
  let app: Recorder;
  const envoys: Record<"edge" | "front" | "checkout", RunningEnvoy> = {} as never;
  let inbound = 1;
  let edge: number;
  let outbound: number;

  const write = (mode: Mode) => mesh.writeIntent(intent({ app: app.port, inbound, mode }));

  before(async () => {
    identities = new Identities();
    others = new Identities();
    const { authority } = identities;
    for (const [nodeId, { role }] of [
      ["edge-1", EDGE],
      ["front-1", FRONT],
      ["checkout-1", CHECKOUT],
    ] as const) {
      authority.issueNode({ kind: "node", role, nodeId }, new Date(), 30);
    }
    app = await Recorder.start("app");
    mesh = new Mesh({ certs: identities.folder });
    write("off");
    await mesh.startServe();
    const start = (id: string, options: object) =>
      mesh.startEnvoy(id, { ...options, concurrency: 1 });
    envoys.checkout = await start("checkout-1", { service: "checkout" });
    inbound = await listenerPort(envoys.checkout, "checkout_inbound_0");
    write("off");
    envoys.front = await start("front-1", { service: "front" });
    envoys.edge = await start("edge-1", {});
    outbound = await listenerPort(envoys.front, "front_outbound_0");
    edge = await listenerPort(envoys.edge, "edge_0");
    for (const call of [() => ask(edge), () => ask(outbound, TO_CHECKOUT)]) {
      await until("checkout to be reached", async () => (await call()).status === "200");
    }
  });
  beforeEach(() => {
    app.seen.length = 0;
  });
  after(async () => {
    await mesh?.stop();
    app?.stop();
  });

  const TO_CHECKOUT = { headers: { host: "checkout" } };
  const handshakes = async (caller: "edge" | "front") =>
    (await envoyStat(envoys[caller], "cluster.checkout.v1.ssl.handshake")) ?? 0;
  const seen = (header: string) => app.seen.map(({ of }) => of(header).join());

  /** In plaintext, on a connection of its own: one that was open before a change of mode lives on. */
  const askPlainly = (localAddress = "127.0.0.1") =>
    ask(inbound, { headers: SPOOFED, agent: new Agent(), localAddress });

  /** Straight to the sidecar of checkout, on a connection of its own. */
  async function askInbound(
    pair?: KeyPair,
  ): Promise<{ status?: number; issuer: string; error?: string }> {
    const call = secureRequest({
      ...{ host: "127.0.0.1", port: inbound, agent: false, headers: SPOOFED },
      ca: identities.holding("control-plane").authorities,
      checkServerIdentity: () => undefined,
      ...(pair && { key: pair.privateKey, cert: pair.certificate }),
    });
    call.end();
    try {
      const [response] = (await once(call, "response")) as [IncomingMessage];
      const { issuer } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume();
      return { status: response.statusCode ?? 0, issuer: String(issuer.CN) };
    } catch (error) {
      return { issuer: "", error: String((error as NodeJS.ErrnoException).code) };
    }
  }

  /** Changes the mode under load; how many of how many requests failed. */
  async function changeTo(mode: Mode): Promise<{ failed: number; total: number }> {
    const loads = [startTraffic(edge, 4), startTraffic(outbound, 4, "/", TO_CHECKOUT.headers)];
    write(mode);
    await until(`callers and checkout to be ${mode}`, () => isIn(mode));
    const reached = loads.map(({ outcome }) => outcome.total);
    await until(
      "50 requests of each afterwards",
      () => loads.every(({ outcome }, at) => outcome.total > (reached[at] ?? 0) + 50) || undefined,
    );
    const outcomes = await Promise.all(loads.map(({ stop }) => stop()));
    return {
      failed: outcomes.reduce((sum, outcome) => sum + failures(outcome), 0),
      total: outcomes.reduce((sum, { total }) => sum + total, 0),
    };
  }

  /** Callers show certificates unless it is off, and the sidecar takes who the mode lets in. */
  async function isIn(mode: Mode): Promise<true | undefined> {
    const callers = await Promise.all(
      [envoys.edge, envoys.front].map(({ admin }) => dump(admin, "dynamic_active_clusters")),
    );
    const listeners = await dump(envoys.checkout.admin, "dynamic_listeners");
    const active = listeners.find(({ name }) => name === "checkout_inbound_0")?.active_state;
    const plaintext = ["loopback", "network"].filter((chain) =>
      JSON.stringify(active).includes(`"name":"${chain}"`),
    );
    const isTls = callers.map((clusters) =>
      JSON.stringify(clusters).includes("spiffe://shop.example/sidecar/checkout"),
    );
    const wanted = { off: ["loopback", "network"], permissive: ["network"], strict: [] }[mode];
    const isDone =
      isTls.every((each) => each === (mode !== "off")) && plaintext.join() === wanted.join();
    return isDone || undefined;
  }

  async function dump(admin: string, resource: string) {
    const body = (await getJson(`${admin}/config_dump?resource=${resource}`)) as {
      readonly configs?: readonly { readonly name?: string; readonly active_state?: object }[];
    };
    return body.configs ?? [];
  }

  it("takes certificates while nothing asks for them, and believes plaintext over loopback as before", async () => {
    const shown = await askInbound(identities.sign(FRONT));
    await askPlainly();

    assert.equal(shown.status, 200);
    assert.deepEqual(seen("x-qmesh-tier"), ["gold;17", "gold;17"]);
    assert.equal(await handshakes("edge"), 0);
  });

  it("goes to permissive, to strict, back to off and to strict again under load: 0 failed requests", async () => {
    for (const mode of [
      "permissive",
      "strict",
      "permissive",
      "off",
      "permissive",
      "strict",
    ] as const) {
      const { failed, total } = await changeTo(mode);
      assert.equal(failed, 0, `${failed} of ${total} on the way to ${mode}`);
    }
    assert.ok((await handshakes("edge")) >= 1 && (await handshakes("front")) >= 1);
  });

  describe("strict", () => {
    it("tells the instance which gateway and which sidecar called", async () => {
      await ask(edge);
      await ask(outbound, {
        headers: { host: "checkout", "x-forwarded-client-cert": "URI=forged" },
      });

      assert.deepEqual(
        seen("x-forwarded-client-cert").map((text) => text.split(";").at(-1)),
        ["URI=spiffe://shop.example/gateway/edge", "URI=spiffe://shop.example/sidecar/front"],
      );
    });

    it("believes the tier of 5 of 5 requests of the gateway, which takes what clients claim off 5 of 5", async () => {
      for (let i = 0; i < 5; i++) await ask(edge, { path: "/gold" });
      for (let i = 0; i < 5; i++) await ask(edge, { headers: SPOOFED });

      assert.deepEqual(
        seen("x-qmesh-tier").map((stamp) => stamp.split(";")[0]),
        [...Array(5).fill("gold"), ...Array(5).fill("rest")],
      );
      assert.deepEqual(new Set(seen("x-user")), new Set([""]));
    });

    it("believes what the sidecar of an instance passes on", async () => {
      await ask(outbound, { headers: { host: "checkout", ...SPOOFED } });

      assert.deepEqual([seen("x-qmesh-tier"), seen("x-user")], [["gold;17"], ["vip"]]);
    });

    const OTHER = { trustDomain: "other.example" };
    for (const [who, pair] of [
      ["no certificate", () => undefined],
      ["an expired certificate", () => identities.sign(EDGE, { from: -2, to: -1 })],
      ["a certificate that is not valid yet", () => identities.sign(EDGE, { from: 1, to: 2 })],
      ["a certificate of another trust domain", () => identities.sign(EDGE, OTHER)],
      ["the certificate of a node", () => identities.sign(identities.node("edge-1"))],
      ["the certificate of an operator", () => identities.sign({ kind: "operator", name: "a" })],
      ["a certificate of another authority", () => others.sign(EDGE)],
    ] as const) {
      it(`lets nobody in with ${who}`, async () => {
        const { status, error } = await askInbound(pair());

        assert.equal(status, undefined);
        assert.match(error ?? "", /^(ERR_SSL|ECONNRESET)/);
        assert.equal(app.seen.length, 0);
      });
    }

    it("lets no plaintext in, over loopback or not", async () => {
      const given = await Promise.all([askPlainly(), askPlainly("127.0.0.2")]);

      assert.deepEqual(
        given.map(({ status }) => status),
        ["error", "error"],
      );
    });

    it("goes over to 2 new authorities and their certificates under load: 0 failed requests", async () => {
      const loads = [startTraffic(edge, 4), startTraffic(outbound, 4, "/", TO_CHECKOUT.headers)];
      const before = await handshakes("edge");
      for (let round = 0; round < 2; round++) {
        const known = await updates();
        Authority.open(identities.folder).renew(new Date());
        await until("all to know the new authority", async () => isAfter(await updates(), known));
        const renewed = await updates();
        Authority.open(identities.folder).rotate(new Date(), 30);
        await until("all to have new certificates", async () => isAfter(await updates(), renewed));
        // More at once than before: new connections, by the new certificates.
        loads.push(startTraffic(edge, 6), startTraffic(outbound, 6, "/", TO_CHECKOUT.headers));
        const more = await handshakes("edge");
        await until("new connections", async () => (await handshakes("edge")) > more);
      }
      const outcomes = await Promise.all(loads.map(({ stop }) => stop()));

      const total = outcomes.reduce((sum, outcome) => sum + outcome.total, 0);
      const failed = outcomes.reduce((sum, outcome) => sum + failures(outcome), 0);
      assert.equal(
        failed,
        0,
        `${failed} of ${total}: ${JSON.stringify(outcomes.map(({ byBody }) => [...byBody]))}`,
      );
      assert.ok((await handshakes("edge")) > before);
      const { issuer } = await askInbound(identities.sign(FRONT));
      const [newest = ""] = splitBundle(identities.holding("control-plane").authorities);
      assert.equal(`CN=${issuer}`, new X509Certificate(newest).subject);
    });
  });

  describe("permissive", () => {
    before(() => changeTo("permissive"));

    it("lets plaintext in over loopback or not, and believes nothing it says", async () => {
      await askPlainly();
      await askPlainly("127.0.0.2");

      assert.deepEqual(
        app.seen.map(({ of }) => [of("x-qmesh-tier").join().split(";")[0], of("x-user").join()]),
        [
          ["rest", ""],
          ["rest", ""],
        ],
      );
    });
  });

  /** How often each of the three was given a new certificate or authority for this traffic. */
  function updates(): Promise<number[]> {
    const downstream = "listener.0.0.0.0_0.server_ssl_socket_factory.ssl_context_update_by_sds";
    const upstream = "cluster.checkout.v1.client_ssl_socket_factory.ssl_context_update_by_sds";
    const of = async (envoy: RunningEnvoy, name: string) => (await envoyStat(envoy, name)) ?? 0;
    return Promise.all([
      of(envoys.checkout, downstream),
      of(envoys.edge, upstream),
      of(envoys.front, upstream),
    ]);
  }
});

function isAfter(now: readonly number[], before: readonly number[]): true | undefined {
  return now.every((count, at) => count > (before[at] ?? 0)) || undefined;
}
