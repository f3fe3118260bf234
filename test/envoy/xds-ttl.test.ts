import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import { encodeJson } from "../../src/xds/server.ts";
import { kill, until } from "../support/mesh.ts";
import { XdsEnvoy } from "../support/xds-envoy.ts";

/**
 * What has a time to live on a real Envoy: a runtime layer holds as long as the control plane lives, and one time to live
 * after it was killed Envoy has let go of it by itself.
 */
const TTL_MS = 1500;

/** A control plane to kill: one runtime layer for `edge-1`, its port on the first line. */
const SERVER = `
const { createSnapshot, createXdsServer } = await import(process.argv[1]);
const { typeUrl, name, ttlMs, value } = JSON.parse(process.argv[2]);
const xds = createXdsServer();
const resource = { typeUrl, name, ttlMs, value: Buffer.from(value, "base64") };
xds.setSnapshot("edge-1", createSnapshot([resource]));
console.log(await xds.listen("127.0.0.1:0"));
`;

async function startServer(): Promise<{ child: ChildProcess; port: number }> {
  const library = new URL("../../src/xds/server.js", import.meta.url).href;
  const layer = { name: "emergency", layer: { "shop.closed": true } };
  const value = Buffer.from(encodeJson(RUNTIME_TYPE, layer)).toString("base64");
  const resource = { typeUrl: RUNTIME_TYPE, name: "emergency", ttlMs: TTL_MS, value };
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", SERVER, library, JSON.stringify(resource)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, port: Number(line) };
}

async function layerOf(envoy: XdsEnvoy): Promise<string> {
  const { entries } = JSON.parse(await envoy.admin("/runtime")) as {
    entries: Readonly<Record<string, { final_value: string }>>;
  };
  return entries["shop.closed"]?.final_value ?? "absent";
}

describe("time to live on a real Envoy", () => {
  let envoy: XdsEnvoy | undefined;
  let server: ChildProcess | undefined;

  afterEach(async () => {
    await envoy?.stop();
    await kill(server);
  });

  async function outlivesAndEnds(apiType: "DELTA_GRPC" | "GRPC"): Promise<void> {
    const { child, port } = await startServer();
    server = child;
    envoy = await XdsEnvoy.start({ apiType, xdsPort: port, layer: "emergency" });
    const running = envoy;
    await until("the layer", async () => (await layerOf(running)) === "true");
    const heldMs = performance.now();
    for (; performance.now() < heldMs + 2 * TTL_MS; await sleep(50)) {
      assert.equal(await layerOf(running), "true");
    }

    await kill(child);
    await until("the layer to end", async () => (await layerOf(running)) === "absent");
  }

  it("statement 46, 47 (D): a layer of 1.5 s is held for 3 s by heartbeats, and ends after the control plane was killed", () =>
    outlivesAndEnds("DELTA_GRPC"));

  it("statement 46, 47 (S): a layer of 1.5 s is held for 3 s by heartbeats, and ends after the control plane was killed", () =>
    outlivesAndEnds("GRPC"));
});
