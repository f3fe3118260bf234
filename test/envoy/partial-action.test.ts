import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { EDGE_GATEWAY, routeTo, sloOf } from "../support/documents.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

const intent = (stable: number, better: number) => `
${EDGE_GATEWAY}
---
${routeTo("shop")}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: t}
spec:
  versions: {v1: {endpoints: ["127.0.0.1:${stable}"]}, v2: {endpoints: ["127.0.0.1:${better}"]}}
  weights: {v1: 100, v2: 0}
---
${sloOf("shop")}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: away, owner: t, class: reliability}
spec:
  mode: canary
  method: rules
  canary: {nodes: 10%, for: 4s}
  when: 'burn("shop", "5s") > 10.0'
  then: [{weights: {service: shop, weights: {v1: 0, v2: 100}}}]
  verify: {signal: shop, improve: {relative: 0.5}, sustained: 3s, within: 2m, holdBack: 25%}
  revert: {onHarm: immediate, ttl: 1h}
`;

describe("an action on some of 3 real Envoys", () => {
  it("holds on 1, then on all but 1, and once it is shown to help there beside the one held back, on all 3", async () => {
    const mesh = new Mesh();
    const bad = await Backend.start("v1", { failing: 0.5 });
    const good = await Backend.start("v2", { failing: 0 });
    mesh.writeIntent(intent(bad.port, good.port));
    await mesh.startServe();
    const ids = ["edge-1", "edge-2", "edge-3"];
    let isOver = false;
    let callers: readonly Promise<void>[] = [];
    try {
      const ports = await Promise.all(
        ids.map(async (id) =>
          listenerPort(await mesh.startEnvoy(id, { concurrency: 1 }), "edge_0"),
        ),
      );
      const versions = ids.map(() => "v1");
      // Every number of Envoys that acted, in order: some last for seconds only, and nobody has to look in time.
      const acted = [0];
      callers = ports.map(async (port, at) => {
        // One request at a time, so that its answers come in order.
        for (; !isOver; await sleep(40)) {
          const { status, body } = await ask(port);
          if (status === "200") versions[at] = body;
          const count = versions.filter((version) => version === "v2").length;
          if (count !== acted.at(-1)) acted.push(count);
        }
      });
      await until("3 of 3 to act", () => acted.at(-1) === 3, 120);
      assert.deepEqual(acted, [0, 1, 2, 3]);
      const told = (await decisions(mesh.ports.http))
        .filter(({ subject, verdict }) => subject.name === "away" && verdict !== "hold")
        .map(({ verdict }) => verdict);
      assert.deepEqual(told, ["act", "widen", "success"]);
    } finally {
      isOver = true;
      await Promise.all(callers);
      await mesh.stop();
      bad.stop();
      good.stop();
    }
  });
});
