import assert from "node:assert/strict";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { Children } from "../../src/cli/children.ts";
import { peerCluster, peerListener } from "../../src/cli/demo/peers.ts";
import {
  type FilterEnvoy,
  startFilterEnvoy,
  startStaticEnvoy,
  staticBootstrap,
} from "../support/faults/filter-envoy.ts";
import { until } from "../support/mesh.ts";
import { ask, startTraffic } from "../support/traffic.ts";

const REPORT =
  /^TEXT application_utilization=\d+\.\d{3},rps_fractional=\d+\.\d{3},named_metrics\.qmesh_tier=\d$/;
const SCOPE = { answer: { status: 429, load_report: true } };

/** Two Envoys that report their load, and a third that weighs them by it. */
describe("load report on a real Envoy", () => {
  const children = new Children();
  const folder = temporaryFolder();
  const mesh: FilterEnvoy[] = [];

  after(async () => {
    await children.stop();
    await Promise.all(mesh.map((one) => one.stop()));
  });

  it("makes client_side_weighted_round_robin weigh an endpoint of limit 1000 at least 10 times one of limit 10", async () => {
    for (const limit of [1000, 10]) {
      const bounds = { min: limit, max: limit, initial: limit };
      mesh.push(await startFilterEnvoy({ limit: bounds, scope: SCOPE }));
    }
    const [wide, narrow] = mesh.map(({ port }) => port) as [number, number];
    const caller = await startStaticEnvoy(children, folder, {
      ...staticBootstrap([weighing([wide, narrow])], [peerListener("edge", [])]),
    });
    const port = await caller.listenerPort("edge");
    const traffic = startTraffic(port, 4);

    await until("weights by load", async () => {
      const hosts = await (await fetch(`${caller.admin}/clusters`)).text();
      const weight = (of: number) => Number(new RegExp(`:${of}::weight::(\\d+)`).exec(hosts)?.[1]);
      return weight(wide) >= 10 * weight(narrow) ? true : undefined;
    });
    await traffic.stop();
    const { status, headers } = await ask(narrow);
    assert.equal(status, "200");
    assert.match(String(headers["endpoint-load-metrics"]), REPORT);
  });

  it("stands on the answer to a request that is shed", async () => {
    const one = await startFilterEnvoy({
      limit: { min: 1, max: 1, initial: 1 },
      serviceMs: 300,
      scope: SCOPE,
    });
    mesh.push(one);
    const traffic = startTraffic(one.port, 8);
    const shed = await until("one shed after the first tick", async () => {
      const answer = await ask(one.port);
      const isReported = answer.headers["endpoint-load-metrics"] !== undefined;
      return answer.status === "429" && isReported ? answer : undefined;
    });
    await traffic.stop();

    assert.match(String(shed.headers["endpoint-load-metrics"]), REPORT);
  });
});

function weighing(ports: readonly number[]) {
  const { lb_policy: _, ...cluster } = peerCluster(0);
  const period = "0.1s";
  const typed_config = {
    "@type":
      "type.googleapis.com/envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin",
    blackout_period: period,
    weight_update_period: period,
  };
  const name = "envoy.load_balancing_policies.client_side_weighted_round_robin";
  return {
    ...cluster,
    load_balancing_policy: { policies: [{ typed_extension_config: { name, typed_config } }] },
    load_assignment: {
      cluster_name: "peer_service",
      endpoints: [
        {
          lb_endpoints: ports.map((port) => ({
            endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } },
          })),
        },
      ],
    },
  };
}
