import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { postOrder } from "../../src/api/client.ts";
import { Backend } from "../support/backend.ts";
import { decisions } from "../support/decisions.ts";
import { DIVIDED, exampleIntent, patience } from "../support/examples.ts";
import { getJson, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { Milestones } from "../support/milestones.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";

const KEY = join(projectRoot, "examples/cost-staging/billing.key");

describe(`examples/cost-staging on a real Envoy, ${DIVIDED}`, () => {
  const mesh = new Mesh();
  let backend: Backend;
  let envoy: RunningEnvoy;
  let posting: NodeJS.Timeout;
  let cost = 100;

  before(async () => {
    backend = await Backend.start("ok");
    copyFileSync(KEY, join(mesh.folder, "billing.key"));
    mesh.writeIntent(exampleIntent("cost-staging", { 9076: backend.port, 8000: 0 }));
    await mesh.startServe();
    envoy = await mesh.startEnvoy("staging-1", { gateway: "staging" });
    await listenerPort(envoy, "staging_0");
    const secret = readFileSync(KEY, "utf8").trim();
    const post = () =>
      postSignal(mesh.ports.http, { name: "cost.staging.day", secret, value: cost });
    assert.equal(await post(), 204);
    posting = setInterval(() => void post().catch(() => undefined), 200);
  });
  after(async () => {
    clearInterval(posting);
    await mesh.stop();
    backend?.stop();
  });

  /** Waits until Envoy has a limit of so many requests a second. */
  const limited = (rps: number) =>
    until(
      `a limit of ${rps}/s in Envoy`,
      async () =>
        JSON.stringify(await getJson(`${envoy.admin}/config_dump?resource=ecds_filters`)).includes(
          `"tokens_per_fill":${rps},`,
        ),
      patience(60),
    );

  const policyActs = async () =>
    (await decisions(mesh.ports.http)).find(({ verdict }) => verdict === "act");

  it("halves 400/s near the cap, and gives all of it back for as long as a person orders", async () => {
    await limited(400);
    cost = 500;
    const milestones = new Milestones();
    await until("the decision", policyActs, patience(60));
    milestones.reach("decided");
    await limited(200);
    milestones.reach("held");
    const token = readFileSync(join(mesh.data, "api-token"), "utf8").trim();
    const server = `127.0.0.1:${mesh.ports.http}`;
    const body = {
      knob: "rateLimit.ci-jobs.factor",
      value: 1,
      ttlSeconds: 3,
      reason: "release 42",
    };
    const answer = await postOrder({ server, token }, "/v1/overrides", body);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    await limited(400);
    await limited(200);
    const told = (await decisions(mesh.ports.http)).map(
      ({ subject, verdict, actor }) => `${subject.kind} ${verdict} ${actor}`,
    );
    assert.ok(told.includes("Override override local"), told.join("; "));
    assert.ok(told.includes("Override end local"), told.join("; "));
  });
});
