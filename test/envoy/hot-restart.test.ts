import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Agent } from "node:http";
import { createServer } from "node:net";
import { HeldService } from "../support/held-service.ts";
import { shopIntent } from "../support/intents.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

const LIMIT = 40;
const OF_PARENT = 30;
const AT_ONCE = 60;
/** A connection for each: one that is kept stays with the Envoy that took it. */
const CRITICAL = {
  headers: { "x-criticality": "critical" },
  agent: new Agent({ keepAlive: false, maxSockets: 100 }),
};
/** Envoy takes numbers for the machine: as good as free for the length of a test. */
const BASE_ID = 100_000 + process.pid;

/** The child asks its parent for the socket by address, so the port has a number. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("invariant: TCP");
  return address.port;
}

/** Whether a process still accepts connections on a loopback port: parent and child share the sockets. */
function accepts(pid: number | undefined, port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((row) => row.trim().split(/\s+/));
  const listening = rows.filter(([, address, , state]) => address === local && state === "0A");
  const sockets = new Set(listening.map((row) => `socket:[${row[9]}]`));
  const files = `/proc/${pid}/fd`;
  return readdirSync(files).some((file) => sockets.has(linkOf(`${files}/${file}`)));
}

/** Empty for a file that was closed meanwhile. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

describe("a real Envoy that is taken over from while it serves", () => {
  const mesh = new Mesh();
  const service = new HeldService();
  let parent: RunningEnvoy;
  let port = 0;

  before(async () => {
    port = await freePort();
    const limit = { min: LIMIT, max: LIMIT, initial: LIMIT };
    const endpoints = { v1: [await service.start()] };
    mesh.writeIntent(shopIntent({ endpoints, limit, listen: port, requestTimeout: "60s" }));
    await mesh.startServe();
    parent = await mesh.startEnvoy("edge-1", { hotRestart: { baseId: BASE_ID, epoch: 0 } });
    await listenerPort(parent, `edge_${port}`);
  });
  after(async () => {
    await mesh.stop();
    service.stop();
  });

  const inflight = async (envoy: RunningEnvoy) =>
    (await envoyStat(envoy, "wasmcustom.qmesh.shop.inflight")) ?? 0;

  /** Of 60 at once of the first tier, by status; what is held is answered when all are held or refused. */
  async function burst(): Promise<Record<string, number>> {
    service.hold();
    const already = service.held;
    const byStatus: Record<string, number> = {};
    let refused = 0;
    const asked = Array.from({ length: AT_ONCE }, async () => {
      const { status } = await ask(port, CRITICAL);
      if (status !== "200") refused += 1;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    });
    await until("all held or refused", () => service.held - already + refused === AT_ONCE);
    service.release();
    await Promise.all(asked);
    return byStatus;
  }

  it("ends the 30 requests of the parent with 200; of 60 more at once a limit of 40 lets 10 in beside them, 40 once they have ended, 40 after the parent", async () => {
    service.hold();
    const ofParent = Array.from({ length: OF_PARENT }, () => ask(port, CRITICAL));
    await until("30 in flight", () => service.held === OF_PARENT);

    const child = await mesh.startEnvoy("edge-1", { hotRestart: { baseId: BASE_ID, epoch: 1 } });
    await listenerPort(child, `edge_${port}`);
    await until("only the child to accept", () => !accepts(parent.child.pid, port));
    await until("the parent's 30 in its count", async () => (await inflight(child)) === OF_PARENT);
    assert.deepEqual(await burst(), { 200: LIMIT - OF_PARENT, 429: AT_ONCE - LIMIT + OF_PARENT });
    const ended = await Promise.all(ofParent);
    assert.deepEqual(new Set(ended.map(({ status }) => status)), new Set(["200"]));

    await until("none in the child's count", async () => (await inflight(child)) === 0);
    assert.deepEqual(await burst(), { 200: LIMIT, 429: AT_ONCE - LIMIT });
    if (parent.child.exitCode === null) await once(parent.child, "exit");
    assert.deepEqual(await burst(), { 200: LIMIT, 429: AT_ONCE - LIMIT });
    await until("none in flight", async () => (await inflight(child)) === 0);
  });
});
