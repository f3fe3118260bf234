import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { configOf } from "../../src/api/model/config.ts";
import { startApi } from "../../src/api/server.ts";
import { differenceText, renderConfig } from "../../src/cli/config.ts";
import { renderReport } from "../../src/cli/report.ts";
import { isWanted, silenceText, tapHead, tapLine } from "../../src/cli/tap.ts";
import { RecentRequests } from "../../src/evidence/recent-requests.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import { CLUSTER_TYPE, SECRET_TYPE } from "../../src/proto/type-url.ts";
import type { TypeStatus } from "../../src/xds/node-status.ts";
import { createSnapshot } from "../../src/xds/snapshot.ts";
import { statusDocument } from "../api/documents.ts";
import { NOW_MS } from "../support/operators/example-api.ts";
import { ExampleMesh } from "../support/operators/example-model.ts";
import { projectRoot } from "../support/project-root.ts";

const request = { seq: 1, at: "2026-03-04T12:00:00.250Z", node: "edge-1", ms: 4.25 };
const node = { id: "edge-1", cluster: "", metadata: {}, locality: {}, userAgent: "" } as never;

/** A node of one cluster and one secret. */
function nodeOf(type: Partial<TypeStatus> & { readonly typeUrl: string }) {
  const snapshot = createSnapshot([
    { typeUrl: CLUSTER_TYPE, name: "a.v1", value: encodeJson(CLUSTER_TYPE, { name: "a.v1" }) },
    { typeUrl: SECRET_TYPE, name: "key", value: encodeJson(SECRET_TYPE, { name: "PLANTED" }) },
  ]);
  const held: TypeStatus = { state: "SYNCED", rejections: [], ...type };
  const status = [
    { nodeId: "edge-1", key: "k", node, streams: 1, isConnected: true, sinceMs: 0, types: [held] },
  ];
  return { status: () => status, getSnapshot: () => snapshot };
}

describe("qmesh config", () => {
  it("shows what a node should have and that it has it, content and all", () => {
    const view = configOf(nodeOf({ typeUrl: CLUSTER_TYPE }), "edge-1", "clusters");

    assert.equal(view?.resources[0]?.state, "SYNCED");
    assert.deepEqual(view?.resources[0]?.content, { name: "a.v1" });
  });

  it("shows a refused cluster with Envoy's words, and both versions of the type", () => {
    const source = nodeOf({ typeUrl: CLUSTER_TYPE });
    const version = configOf(source, "edge-1", "clusters")?.resources[0]?.version ?? "";
    const rejections = [{ name: "a.v1", version, message: "no such thing" }] as never;
    const view = configOf(
      nodeOf({ typeUrl: CLUSTER_TYPE, state: "REJECTED", wanted: "w1", acked: "w0", rejections }),
      "edge-1",
      "clusters",
    );

    assert.ok(view !== undefined);
    assert.match(renderConfig(view), /a\.v1 +\w{16} +REJECTED +no such thing/);
    assert.equal(
      differenceText(view),
      "edge-1 differs in 1 of 1 clusters: it should have w1, and acknowledged w0.",
    );
  });

  it("never shows the content of a secret", () => {
    const view = configOf(nodeOf({ typeUrl: SECRET_TYPE }), "edge-1", "secrets");

    assert.equal(view?.resources.length, 1);
    assert.equal(JSON.stringify(view).includes("PLANTED"), false);
  });

  it("knows no node that never came", () => {
    assert.equal(configOf(nodeOf({ typeUrl: CLUSTER_TYPE }), "edge-9", "clusters"), undefined);
  });
});

describe("qmesh tap", () => {
  it("prints a line a request in the columns of its head", () => {
    const line = tapLine({ ...request, cluster: "shop.v1", status: 503 });

    assert.equal(line, "12:00:00.250  503          4.3  edge-1                shop.v1");
    assert.equal(line.indexOf("shop.v1"), tapHead().indexOf("CLUSTER"));
  });

  it("keeps what is asked for: by service, node, errors", () => {
    const shop = { ...request, cluster: "shop.v1", status: 200 };
    assert.equal(isWanted(shop, { service: "shop" }), true);
    assert.equal(isWanted(shop, { service: "sho" }), false);
    assert.equal(isWanted(shop, { node: "edge-2" }), false);
    assert.equal(isWanted(shop, { errors: true }), false);
    assert.equal(isWanted({ ...shop, status: 0 }, { errors: true }), true);
  });

  it("explains its silence by the 1 of 100 that is logged", () => {
    assert.equal(silenceText({}, 0), "nothing yet: no request reaches the mesh.");
    assert.equal(
      silenceText({ service: "shop" }, 20.4),
      "nothing yet: one request of a hundred is logged, and shop gets 20 a second: one about every 5 s.",
    );
    assert.match(silenceText({ errors: true }, 400), /several a second of all, before --node and/);
  });

  it("holds the newest 2,000 requests, and gives those after a number, oldest first", () => {
    const requests = new RecentRequests();
    const samples = Array.from({ length: 2500 }, () => ({ cluster: "a.v1", status: 200, ms: 1 }));
    requests.observe("edge-1", 0, samples as never);

    assert.equal(requests.newest, 2500);
    assert.deepEqual(
      requests.after(0, 2).map(({ seq }) => seq),
      [501, 502],
    );
    assert.deepEqual(requests.after(2500, 10), []);
  });
});

describe("qmesh report, config and tap against a control plane", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  before(async () => {
    const metrics = { contentType: "text/plain", text: async () => "" };
    const { model } = new ExampleMesh(NOW_MS);
    api = await startApi({ host: "127.0.0.1", port: 0, status: statusDocument, metrics, model });
  });
  after(() => api.stop());

  for (const { words, code, out } of [
    { words: ["report", "m1"], code: 0, out: /checkout +100 % +100 +1 min/ },
    { words: ["report", "M1", "-o", "json"], code: 0, out: /"state": "met"/ },
    { words: ["report", "M11"], code: 2, out: /^$/ },
    { words: ["report", "M1", "--since", "3y"], code: 2, out: /^$/ },
    { words: ["config", "edge-1", "routes", "-o", "yaml"], code: 0, out: /type: routes/ },
    { words: ["config", "edge-1", "listeners", "--diff"], code: 0, out: /^$/ },
    { words: ["config", "edge-1", "route"], code: 2, out: /^$/ },
    { words: ["config", "edge-9", "routes"], code: 1, out: /^$/ },
    { words: ["tap", "-n", "1", "-o", "json"], code: 0, out: /"cluster":"checkout.v41"/ },
  ])
    it(`ends "${words.join(" ")}" with ${code}`, async () => {
      const main = join(projectRoot, "dist/src/main.js");
      const child = spawn(process.execPath, [
        ...[main, ...words, "--server", `127.0.0.1:${api.port}`],
      ]);
      let stdout = "";
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
      });
      const ended = await new Promise((resolve) => child.on("close", resolve));

      assert.equal(ended, code);
      assert.match(stdout, out);
    });

  it("says unknown where nothing was measured", () => {
    const row = { name: "success", value: null, unit: "ratio", samples: 0, window: "since" };
    const view = { measure: "M5", title: "", target: "", state: "unknown", since: "" } as const;
    assert.match(renderReport({ ...view, rows: [row] }), /success +unknown +0/);
  });
});
