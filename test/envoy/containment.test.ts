import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience, TIME_FACTOR } from "../support/examples.ts";
import { FailingBackend } from "../support/failing-backend.ts";
import { listenerPort, Mesh, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";
import { ask } from "../support/traffic.ts";

const KEY = join(projectRoot, "examples/containment/siem.key");

describe(`examples/containment on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  let backend: FailingBackend;
  let port: number;

  before(async () => {
    backend = await FailingBackend.start("ok");
    copyFileSync(KEY, join(mesh.folder, "siem.key"));
    mesh.writeIntent(exampleIntent("containment", { 9061: backend.port, 8000: 0 }));
    await mesh.startServe();
    port = await listenerPort(await mesh.startEnvoy("edge-1"), "edge_0");
  });
  after(async () => {
    await mesh.stop();
    backend?.stop();
  });

  const statusOf = async (user: string) =>
    (await ask(port, { headers: { "x-user": user } })).status;

  it(`refuses the caller that a signal names with 403, nobody else, and lets it in again after ${120 / TIME_FACTOR} s`, async () => {
    assert.equal(await statusOf("mallory"), "200");
    const secret = readFileSync(KEY, "utf8").trim();
    const signal = { name: "account-abuse", secret, value: 0.97, labels: { sub: "mallory" } };
    const milestones = new Milestones();
    assert.equal(await postSignal(mesh.ports.http, signal), 204);
    await until("the decision", async () =>
      (await decisions(mesh.ports.http)).find(({ verdict }) => verdict === "act"),
    );
    milestones.reach("decided");
    await until("mallory to be refused", async () => (await statusOf("mallory")) === "403");
    milestones.reach("held");
    assert.equal(await statusOf("alice"), "200");
    await until(
      "mallory to be let in again",
      async () => (await statusOf("mallory")) === "200",
      patience(180),
    );
    milestones.reach("clean");
    const told = (await decisions(mesh.ports.http))
      .filter(({ subject }) => subject.name === "quarantine-caller")
      .map(({ verdict }) => verdict)
      .filter((verdict) => verdict !== "hold");
    assert.deepEqual(told.slice(0, 2), ["act", "expire"]);
  });
});
