import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWTPayload } from "jose";
import { z } from "zod";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { fetchAnswer } from "../../src/api/client.ts";
import { auditRecordView } from "../../src/api/view/incident.ts";
import { approvalView, overrideView, rolloutView } from "../../src/api/view/operation.ts";
import { Mesh, until } from "../support/mesh.ts";
import { type IdentityProvider, identityProvider } from "../support/operators/identity-provider.ts";
import { runQmesh } from "../support/run-cli.ts";

const KNOB = "canary.weight@checkout";
const TTL_SECONDS = 5;
const INTENT = `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: checkout, owner: team-pay}
spec: {versions: {v41: {endpoints: ["127.0.0.1:9001"]}, v42: {endpoints: ["127.0.0.1:9002"]}}}
---
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: checkout, owner: team-pay}
spec:
  service: checkout
  versions: {stable: v41, canary: v42}
  steps: [{weight: 5, for: 1h}, {weight: 100}]
---
apiVersion: quantum.mesh/v1
kind: Guardrail
metadata: {name: careful, owner: platform}
spec: {forbid: ['canary.weight > 50 && !approved("sre")']}
`;

describe("qmesh override --break-glass, with tokens of an identity provider", () => {
  const folder = temporaryFolder();
  let provider: IdentityProvider;
  let mesh: Mesh;

  before(async () => {
    provider = await identityProvider();
    const access = join(folder, "access.yaml");
    writeFileSync(access, JSON.stringify({ jwt: provider.access }));
    mesh = new Mesh({ flags: ["--access", access] });
    mesh.writeIntent(INTENT);
    await mesh.startServe();
  });
  after(async () => {
    await mesh.stop();
  });

  /** One order of somebody whom the provider names; of nobody: this machine's token. */
  async function order(claims: JWTPayload | undefined, ...words: string[]) {
    const shown = join(folder, "token");
    if (claims !== undefined) writeFileSync(shown, await provider.token(claims));
    const identity = claims === undefined ? ["--data", mesh.data] : ["--token-file", shown];
    const server = ["--server", `127.0.0.1:${mesh.ports.http}`, "--reason", "all is lost"];
    return runQmesh(...words, ...server, ...identity);
  }

  async function items<T>(path: string, item: z.ZodType<T>): Promise<readonly T[]> {
    const page = z.object({ items: z.array(item) });
    const answer = await fetchAnswer({ server: `127.0.0.1:${mesh.ports.http}` }, path, page);
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value.items;
  }

  const percent = async () => (await items("/v1/rollouts", rolloutView))[0]?.percent;
  const overrides = () => items("/v1/overrides", overrideView);

  it(`holds nothing for 1 person or the same one twice, for 2 what a Guardrail forbids, and nothing after ${TTL_SECONDS} s, all written down by name`, async () => {
    await until("the rollout to begin", async () => (await percent()) === 5 || undefined);
    const both = ["operator", "approver"];
    const [ann, bo] = ["ann", "bo"].map((sub) => ({ sub, roles: both }));
    const wish = ["override", `${KNOB}=60`, "--ttl", `${TTL_SECONDS}s`, "--break-glass"];

    const machine = await order(undefined, ...wish);
    assert.match(machine.stderr, /breaking the glass takes two people, and local names none/);
    const asked = await order(ann, ...wish);
    assert.equal(asked.code, 0, asked.stderr);
    const [wait] = await items("/v1/approvals", approvalView);
    assert.deepEqual([wait?.need, wait?.approvedBy], [2, ["ann"]]);
    const id = wait?.decision ?? "";
    for (const [who, why] of [
      [ann, /ann has agreed to it already/],
      [undefined, /local names no person/],
      [{ sub: "cy", roles: ["operator"] }, /cy may not approve/],
    ] as const) {
      const { code, stderr } = await order(who, "approve", id);
      assert.equal(code, 1);
      assert.match(stderr, why);
    }
    assert.deepEqual([await percent(), await overrides()], [5, []]);

    const agreed = await order(bo, "approve", id);
    assert.equal(agreed.code, 0, agreed.stderr);
    const [held] = await overrides();
    assert.deepEqual([held?.value, held?.brokenBy], [60, ["ann", "bo"]]);
    await until("what the Guardrail forbids", async () => (await percent()) === 60 || undefined);
    await until("the end of its time", async () => (await percent()) === 5 || undefined);
    assert.deepEqual(await overrides(), []);

    const log = await items("/v1/audit?limit=1000", auditRecordView);
    const told = log.filter(({ subject }) => ["Override", "Api"].includes(subject.kind));
    assert.deepEqual(
      told.toReversed().map(({ actor, body }) => `${actor}: ${body.verdict}`),
      [
        "local: refuse",
        "ann: ask",
        ...["ann: refuse", "local: refuse", "cy: refuse"],
        ...["bo: approve by bo", "ann: break glass", "ann: end"],
      ],
    );
  });
});
