import assert from "node:assert/strict";
import { setInterval } from "node:timers";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { ask } from "../support/traffic.ts";

const BASE_ERRORS = 0.005;

describe(`examples/canary-rollback on a real Envoy, ${DIVIDED}`, () => {
  for (const { errors, verdict, rps, seconds } of [
    { errors: 20 * BASE_ERRORS, verdict: "roll back", rps: 50, seconds: 60 },
    { errors: BASE_ERRORS, verdict: "promote", rps: 250, seconds: patience(600) },
  ]) {
    it(`comes to ${verdict} a version with ${errors * 100} % errors beside ${BASE_ERRORS * 100} %, at ${rps} requests a second, within ${seconds} s`, async () => {
      const mesh = new Mesh();
      const stable = await Backend.start("v41", { failing: BASE_ERRORS });
      const canary = await Backend.start("v42", { failing: errors });
      try {
        const ports = { 9041: stable.port, 9042: canary.port, 8000: 0 };
        mesh.writeIntent(exampleIntent("canary-rollback", ports));
        await mesh.startServe();
        const envoy = await mesh.startEnvoy("edge-1");
        const port = await listenerPort(envoy, "edge_0");
        const milestones = new Milestones();
        const load = setInterval(() => void ask(port), 1000 / rps);
        try {
          const end = await until(
            `the rollout to ${verdict}`,
            async () =>
              (await decisions(mesh.ports.http)).find(
                ({ subject, verdict: said }) =>
                  subject.kind === "Rollout" && ["roll back", "promote"].includes(said),
              ),
            seconds,
          );
          milestones.reach("decided");
          assert.equal(end.verdict, verdict, JSON.stringify(end.because));
          await until("the push to be held by every Envoy", async () =>
            (await decisions(mesh.ports.http)).find(
              ({ id, latency }) => id === end.id && latency?.applyMs !== undefined,
            ),
          );
          milestones.reach("held");
          const before = canary.requests;
          for (let sent = 0; sent < 20; sent += 1) await ask(port);
          const served = canary.requests - before;
          if (verdict === "roll back") assert.equal(served, 0);
          else assert.ok(served >= 20, `${served} of the new version`);
          milestones.reach("clean");
        } finally {
          clearInterval(load);
        }
      } finally {
        await mesh.stop();
        stable.stop();
        canary.stop();
      }
    });
  }
});
