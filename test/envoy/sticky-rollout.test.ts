import assert from "node:assert/strict";
import type { Rollout } from "../../src/policy/intent/rollout.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { Backend } from "../support/backend.ts";
import { startEdge } from "../support/edge-envoy.ts";
import type { FileEnvoy } from "../support/file-envoy.ts";
import { endpoint, httpRoute, loopbackGateway, policySet, service } from "../support/policy-set.ts";

const USERS = 400;

describe("a sticky rollout on a real Envoy", () => {
  let stable: Backend;
  let canary: Backend;
  const envoys: FileEnvoy[] = [];

  before(async () => {
    stable = await Backend.start("stable");
    canary = await Backend.start("canary");
  });
  after(async () => {
    for (const envoy of envoys) await envoy.stop();
    stable?.stop();
    canary?.stop();
  });

  function intent(percent: number): PolicySet {
    const rollout = { name: "shop", service: "shop", stickyHeader: "x-user" } as Rollout;
    return policySet({
      gateways: [loopbackGateway()],
      services: [
        service({
          name: "shop",
          versions: [
            { name: "v1", endpoints: [endpoint({ port: stable.port })] },
            { name: "v2", endpoints: [endpoint({ port: canary.port })] },
          ],
          weights: { v1: 100 - percent, v2: percent },
        }),
      ],
      httpRoutes: [
        httpRoute({
          rules: [{ ...httpRoute().rules[0]!, backends: [{ service: "shop", weight: 1 }] }],
        }),
      ],
      rollouts: [rollout],
    });
  }

  async function onCanary(percent: number): Promise<ReadonlySet<string>> {
    const envoy = await startEdge(intent(percent));
    envoys.push(envoy);
    const origin = `http://127.0.0.1:${await envoy.port("edge_0")}`;
    const answer = async (headers: Record<string, string>) =>
      (await fetch(origin, { headers })).text();
    const users = new Set<string>();
    for (let i = 0; i < USERS; i++) {
      const user = `user-${i}`;
      const answers = new Set([await answer({ "x-user": user }), await answer({ "x-user": user })]);
      assert.equal(answers.size, 1, `${user} saw both versions`);
      if (answers.has("canary")) users.add(user);
    }
    const nobody = [];
    for (let i = 0; i < 40; i++) nobody.push(await answer({}));
    assert.ok(
      percent < 20 || new Set(nobody).size === 2,
      "without the header every request is drawn",
    );
    return users;
  }

  it("gives each of 400 users one version, twice, 5 and 30 % of them the canary, and takes it from none as it grows", async () => {
    const [few, more] = [await onCanary(5), await onCanary(30)];
    // Of 400 draws within 4 standard deviations.
    const within = (users: ReadonlySet<string>, share: number) =>
      Math.abs(users.size - share * USERS) <= 4 * Math.sqrt(USERS * share * (1 - share));
    assert.ok(within(few, 0.05), `${few.size} of ${USERS} at 5 %`);
    assert.ok(within(more, 0.3), `${more.size} of ${USERS} at 30 %`);
    assert.ok([...few].every((user) => more.has(user)));
  });
});
