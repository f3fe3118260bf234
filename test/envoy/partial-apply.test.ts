import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { EDGE_GATEWAY, routeTo, sloOf } from "../support/documents.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";
import { ask } from "../support/traffic.ts";
import { XdsClient } from "../xds/client.ts";

const MAIN = join(projectRoot, "dist/src/main.js");

const intent = (port: number) => `
${EDGE_GATEWAY}
---
${routeTo("shop")}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: t}
spec: {endpoints: ["127.0.0.1:${port}"]}
---
${sloOf("shop")}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: tighten, owner: t, class: reliability}
spec:
  mode: enforce
  method: rules
  when: 'burn("shop", "5s") > 10.0'
  then: [{circuitBreaker: {service: shop, maxRequests: 7}}]
  verify: {signal: shop, improve: {below: {burn: 1.0}}, sustained: 30s, within: 2m}
  revert: {onHarm: immediate, ttl: 1h}
`;

const text = (stringValue: string) => ({ stringValue });
const NODE = {
  id: "edge-2",
  metadata: {
    fields: {
      qmesh: { structValue: { fields: { role: text("gateway"), name: text("edge") } } },
    },
  },
};

/** A node that asks for clusters only, and refuses what has a limit of 7, once the real Envoy had time to take it. */
function refusingNode(port: number, mayRefuse: () => Promise<unknown>): XdsClient {
  const client = new XdsClient(port);
  const stream = client.delta();
  stream.send({ node: NODE, type_url: CLUSTER_TYPE, resource_names_subscribe: ["*"] });
  stream.call.on("data", (response) => {
    const { type_url, nonce, resources } = response;
    const isTight = resources.some(({ resource }: { resource: { value: Uint8Array } }) =>
      Buffer.from(resource.value).includes(Buffer.from([0x22, 0x02, 0x08, 0x07])),
    );
    const answer = { type_url, response_nonce: nonce };
    if (!isTight) stream.send(answer);
    else {
      const error_detail = { code: 3, message: "too tight for this one" };
      void mayRefuse().then(() => stream.send({ ...answer, error_detail }));
    }
  });
  return client;
}

async function qmesh(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

describe("an action that 1 of 2 Envoys refuses", () => {
  it("is partial, in that Envoy's words, counts as failed, and is taken back from the real one", async () => {
    const mesh = new Mesh();
    const backend = await Backend.start("ok", { failing: 0.5 });
    mesh.writeIntent(intent(backend.port));
    await mesh.startServe();
    let timer: NodeJS.Timeout | undefined;
    let client: XdsClient | undefined;
    try {
      const envoy = await mesh.startEnvoy("edge-1", { concurrency: 1 });
      const port = await listenerPort(envoy, "edge_0");
      const isTight = async () =>
        (await (await fetch(`${envoy.admin}/clusters`)).text()).includes(
          "default_priority::max_requests::7",
        );
      client = refusingNode(mesh.ports.xds, () => until("edge-1 to hold it", isTight));
      timer = setInterval(() => void ask(port), 40);
      const revert = await until(
        "it to be taken back",
        async () => (await decisions(mesh.ports.http)).find(({ verdict }) => verdict === "revert"),
        60,
      );
      assert.match(
        revert.because[0] ?? "",
        /^1 of 2 Envoys refuse it, edge-2: shop.*: too tight for this one\./,
      );
      await until("edge-1 to hold the old limit", async () => !(await isTight()));
      const act = (await decisions(mesh.ports.http)).find(({ verdict }) => verdict === "act");
      const server = ["--server", `http://127.0.0.1:${mesh.ports.http}`];
      const shown = await qmesh("actions", "show", `a-${act?.id}`, ...server);
      assert.match(shown.stdout, /^partial, over, since /m);
      assert.match(shown.stdout, /^edge-1 +(acked|observed)/m);
      assert.match(shown.stdout, /^edge-2 +refused +shop.*too tight for this one/m);
      assert.equal(shown.code, 3);
    } finally {
      clearInterval(timer);
      client?.close();
      await mesh.stop();
      backend.stop();
    }
  });
});
