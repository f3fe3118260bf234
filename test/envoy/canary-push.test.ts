import assert from "node:assert/strict";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { Backend } from "../support/backend.ts";
import { shopIntent } from "../support/intents.ts";
import { getJson, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

/** An address that no machine here has, and a port where nobody listens. */
const ELSEWHERE = "203.0.113.1";
const NOBODY = 1;

describe("qmesh serve --canary-push 50% with 2 real Envoys", () => {
  let mesh: Mesh;
  let backends: Backend[];
  let ports: number[];

  beforeEach(async () => {
    mesh = new Mesh({ flags: ["--canary-push", "50%", "--canary-hold", "7s"] });
    backends = [await Backend.start("one"), await Backend.start("two")];
    mesh.writeIntent(to(backends[0]!.port));
    await mesh.startServe();
    const envoys = [await mesh.startEnvoy("edge-1"), await mesh.startEnvoy("edge-2")];
    ports = await Promise.all(envoys.map(portOf));
    await until("both answer", async () => (await bodies()).join() === "one,one");
  });
  afterEach(async () => {
    await mesh.stop();
    for (const backend of backends) backend.stop();
  });

  const to = (port: number) => shopIntent({ endpoints: { v1: [port] } });
  const portOf = (envoy: RunningEnvoy) => listenerPort(envoy, "edge_0");

  async function bodies(): Promise<string[]> {
    const answers = await Promise.all(ports.map((port) => ask(port)));
    return answers.map(({ status, body }) => (status === "200" ? body : status));
  }

  async function status(): Promise<StatusDocument> {
    return (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as StatusDocument;
  }

  async function held(): Promise<readonly string[] | undefined> {
    await bodies();
    return (await status()).intent.held?.why;
  }

  it("a good change comes to 1 first and, 7 s held, to the other; status says so meanwhile", async () => {
    mesh.writeIntent(to(backends[1]!.port));

    await until("one has it", async () => (await bodies()).includes("two"));
    const { canaries = [] } = await status();
    const first = await bodies();
    await until("both have it", async () => (await bodies()).join() === "two,two");

    assert.deepEqual(first.toSorted(), ["one", "two"]);
    assert.deepEqual(
      canaries.map(({ role, nodes, of }) => [role, nodes.length, of]),
      [["gateway/edge", 1, 2]],
    );
    assert.deepEqual((await status()).canaries, []);
  });

  it("a listener that the canary refuses is held in its words; the other never hears of it, and a mended one passes", async () => {
    const { digest } = (await status()).intent;
    mesh.writeIntent(to(backends[0]!.port).replace("value: 127.0.0.1", `value: ${ELSEWHERE}`));

    const [why = ""] = (await until("held", held)) ?? [];
    const { nodes, intent } = await status();
    mesh.writeIntent(to(backends[1]!.port));
    await until("both have the mended one", async () => (await bodies()).join() === "two,two");

    assert.match(why, /gateway\/edge: edge-\d refuses .*Listener/);
    assert.equal(intent.digest, digest);
    assert.equal(
      nodes.filter(({ types }) => types.some(({ rejections }) => rejections.length > 0)).length <=
        1,
      true,
    );
  });

  it("endpoints where nobody listens fail the canary's requests: held, taken back, and both answer again", async () => {
    const { digest } = (await status()).intent;
    mesh.writeIntent(to(NOBODY));

    const [why = ""] = (await until("held", held)) ?? [];
    await until("both answer", async () => (await bodies()).join() === "one,one");

    assert.match(why, /Envoys that have it fail \d.* requests, the others 0\.0 %/);
    assert.equal((await status()).intent.digest, digest);
  });
});
