import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { type ControlPlane, startControlPlane } from "../../src/cli/control-plane.ts";
import { projectRoot } from "../support/project-root.ts";

/** A control plane in this process, the command in one of its own. */
const MAIN = join(projectRoot, "dist/src/main.js");
const FREE = { host: "127.0.0.1", port: 0 };

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, annotations: {quantum.mesh/owner: team-shop}}
spec:
  gatewayClassName: qmesh
  listeners: [{name: http, protocol: HTTP, port: 8000}]
`;

function routeTo(service: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${service}, annotations: {quantum.mesh/owner: team-shop}}
spec:
  parentRefs: [{name: edge}]
  rules: [{matches: [{path: {type: PathPrefix, value: /${service}}}], backendRefs: [{name: ${service}, port: 80}]}]
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${service}, owner: team-shop}
spec: {endpoints: ["127.0.0.1:9000"]}
`;
}

function shop(services: number): string {
  const names = Array.from({ length: services }, (_, i) => `s${i}`);
  return [GATEWAY, ...names.map(routeTo)].join("---\n");
}

describe("qmesh apply, diff and delete", () => {
  const folders = { config: temporaryFolder(), data: temporaryFolder(), next: temporaryFolder() };
  let plane: ControlPlane;
  const start = () =>
    startControlPlane({
      ...{ config: folders.config, data: folders.data },
      ...{ xds: FREE, rateLimit: FREE, http: FREE, logLevel: "error" },
    });

  before(async () => {
    writeFileSync(join(folders.config, "shop.yaml"), shop(12));
    plane = await start();
  });

  after(async () => {
    await plane.stop();
  });

  async function qmesh(...words: string[]) {
    const server = ["--server", `127.0.0.1:${plane.ports.http}`];
    const token = words[0] === "status" ? [] : ["--data", folders.data];
    const child = spawn(process.execPath, [MAIN, ...words, ...server, ...token]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    return { code, stdout, stderr };
  }

  const inForce = () => plane.status().intent;
  const written = () => readFileSync(join(folders.config, "shop.yaml"), "utf8");
  const next = (text: string) => {
    writeFileSync(join(folders.next, "shop.yaml"), text);
    return ["-f", folders.next];
  };

  it("diff tells 2 changes, exits 3 and changes nothing", async () => {
    const { digest } = inForce();
    const text = shop(12).replace("name: s3, owner: team-shop", "name: s3, owner: team-pay");

    const { code, stdout } = await qmesh("diff", ...next(`${text}---\n${routeTo("s12")}`));

    assert.equal(code, 3);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "+ HTTPRoute/s12",
      "+ Service/s12",
      "~ Service/s3 owner",
    ]);
    assert.equal(inForce().digest, digest);
  });

  it("apply puts a 13th service in force and says so; again it changes nothing", async () => {
    const folder = next(shop(13));
    const { loadedAt = "" } = inForce();

    const first = await qmesh("apply", ...folder, "--reason", "a new service");
    const second = await qmesh("diff", ...folder);

    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^\+ HTTPRoute\/s12\n\+ Service\/s12\n$/);
    assert.equal(written(), shop(13));
    assert.match(first.stderr, new RegExp(`in force: ${inForce().digest}`));
    assert.equal(second.code, 0);
    const { loadedAt: anew = "" } = inForce();
    assert.ok(loadedAt !== "" && anew > loadedAt, `loaded ${loadedAt}, then ${anew}`);
  });

  it("apply that takes 8 of 13 is refused with what would go, and leaves the folder alone", async () => {
    const { code, stderr } = await qmesh("apply", ...next(shop(5)));

    assert.equal(code, 1);
    assert.match(stderr, /gateway\/edge would lose 8 of 13 resources of type .*Cluster/);
    assert.match(stderr, /--allow-shrink/);
    assert.equal(written(), shop(13));
  });

  it("a folder that lost 8 of 13 by itself is held, 13 stay; apply --allow-shrink takes it", async () => {
    const { digest } = inForce();
    writeFileSync(join(folders.config, "shop.yaml"), shop(5));
    while (inForce().held === undefined) await new Promise((resolve) => setImmediate(resolve));
    const held = inForce();
    const status = await qmesh("status");

    const applied = await qmesh("apply", ...next(shop(5)), "--allow-shrink");

    assert.equal(held.digest, digest);
    assert.equal(held.current, false);
    assert.equal(status.code, 3);
    assert.match(status.stdout, /HELD.*would lose 8 of 13/);
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal(inForce().held, undefined);
    assert.equal(inForce().digest, /in force: (\w+)/.exec(applied.stderr)?.[1]);
  });

  it("delete takes a route and its service out of the file, and leaves the others as they were", async () => {
    const { code, stdout, stderr } = await qmesh("delete", "HTTPRoute/s4", "Service/s4");

    assert.equal(code, 0, stderr);
    assert.equal(stdout, "- HTTPRoute/s4\n- Service/s4\n");
    assert.equal(written(), shop(4));
  });

  it("delete of what others name, or of what is not there, is refused with the reason", async () => {
    const named = await qmesh("delete", "Service/s1");
    const absent = await qmesh("delete", "Service/nobody");

    assert.deepEqual([named.code, absent.code], [1, 1]);
    assert.match(named.stderr, /HTTPRoute\/s1/);
    assert.match(absent.stderr, /there is no Service\/nobody/);
    assert.equal(written(), shop(4));
  });

  it("a folder that lost 8 of 13, or broke, while nobody ran is held after a restart: 13 stay", async () => {
    await qmesh("apply", ...next(shop(13)));
    const { digest } = inForce();
    for (const text of [shop(5), "kind: Nonsense\n"]) {
      await plane.stop();
      writeFileSync(join(folders.config, "shop.yaml"), text);
      plane = await start();
      assert.equal(inForce().digest, digest);
      assert.equal(inForce().current, false);
      assert.equal(inForce().held !== undefined, text === shop(5));
    }
    const { code, stderr } = await qmesh("apply", ...next(shop(4)), "--allow-shrink");
    assert.equal(code, 0, stderr);
    assert.equal(inForce().current, true);
  });

  it("an order made for a set that is in force no more gets 412 and changes nothing", async () => {
    const token = readFileSync(join(folders.data, "api-token"), "utf8").trim();
    const url = `http://127.0.0.1:${plane.ports.http}/v1/intent`;
    const body = JSON.stringify({ files: [{ path: "shop.yaml", text: shop(3) }] });
    const headers = {
      ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
      "if-match": '"0123"',
    };

    const response = await fetch(url, { method: "POST", headers, body });

    assert.equal(response.status, 412);
    assert.equal(written(), shop(4));
  });
});
