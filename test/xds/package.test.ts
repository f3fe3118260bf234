import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { LISTENER_TYPE } from "../../src/proto/type-url.ts";
import { XdsClient } from "./client.ts";

/** The package as a user gets it: packed, unpacked into an empty folder, used by the code that the documentation prints. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

describe("package quantum-mesh, exported as xds", function () {
  this.timeout(60_000);
  let folder: string;
  let example: string;

  before(async () => {
    folder = temporaryFolder();
    await installPacked(folder);
    const page = await readFile(join(ROOT, "docs/xds-library.md"), "utf8");
    example = /```js\n(.*?)```/s.exec(page)?.[1] ?? assert.fail("the page has no example");
    await writeFile(join(folder, "serve.mjs"), example);
  });

  it("runs the documented example and serves its listener to a client", async () => {
    const child = spawn(process.execPath, ["serve.mjs", "127.0.0.1:0"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const client = new XdsClient(await portOf(child));
      const stream = client.delta();
      stream.send({ node: { id: "edge-1", cluster: "edge" }, type_url: LISTENER_TYPE });
      const { resources } = await stream.next();
      client.close();

      assert.deepEqual(
        resources.map(({ name, resource }) => [name, resource.type_url]),
        [["web", LISTENER_TYPE]],
      );
      assert.match(Buffer.from(resources[0]!.resource.value).toString(), /hello/);
    } finally {
      child.kill();
      await once(child, "exit");
    }
  });

  it("brings declarations that type-check a strict user of the same calls, and refuse a wrong one", async () => {
    const user = `import { createSnapshot, createXdsServer, type NodeStatus } from "quantum-mesh/xds";
const xds = createXdsServer({ nodeKey: (node) => node.cluster });
xds.setSnapshot("k", createSnapshot([{ typeUrl: "t", name: "n", value: new Uint8Array() }]));
export const all: readonly NodeStatus[] = xds.status();
`;
    await writeFile(join(folder, "user.mts"), user);
    await writeFile(join(folder, "wrong.mts"), `${user}xds.setSnapshot(7, all);\n`);

    await typeCheck(folder, "user.mts");
    await assert.rejects(typeCheck(folder, "wrong.mts"), /TS2345/);
  });

  it("carries the compiled library and no source, test or example of this repository", async () => {
    const inside = join(folder, "node_modules/quantum-mesh");
    const names = await readdir(inside);
    assert.deepEqual(
      names.filter((name) => ["src", "test", "examples", "bench", "scripts"].includes(name)),
      [],
    );
    const { exports } = JSON.parse(await readFile(join(inside, "package.json"), "utf8"));
    await Promise.all(
      Object.values(exports["./xds"]).map((path) => readFile(join(inside, String(path)))),
    );
  });
});

async function portOf(child: ChildProcess): Promise<number> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /xDS on port (\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  return assert.fail("the example ended without naming its port");
}

async function typeCheck(folder: string, file: string): Promise<void> {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
  const types = ["--types", "node", "--target", "es2023"];
  try {
    await run(process.execPath, [tsc, ...flags, ...types, file], { cwd: folder });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}

/** `npm pack`, unpacked; the dependencies are those of this repository, so that no registry is needed. */
async function installPacked(folder: string): Promise<void> {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  await run("npm", args, { cwd: ROOT, shell: process.platform === "win32" });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  assert.ok(tarball, "npm pack left no tarball");
  const modules = join(folder, "node_modules");
  for (const [path, bytes] of readTar(gunzipSync(await readFile(join(folder, tarball))))) {
    const target = join(modules, path.replace(/^package\//, "quantum-mesh/"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  const manifest = await readFile(join(modules, "quantum-mesh/package.json"), "utf8");
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
}

/** Files of a tar archive; a path longer than its header comes in a pax record before it. */
function* readTar(tar: Buffer): Generator<[string, Buffer]> {
  let longPath: string | undefined;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + 512);
    const text = (from: number, length: number) =>
      header
        .subarray(from, from + length)
        .toString()
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const body = tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    const kind = text(156, 1);
    if (kind === "x") {
      longPath = /\d+ path=(.*)\n/.exec(body.toString())?.[1];
      continue;
    }
    const prefix = text(345, 155);
    const path = longPath ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    longPath = undefined;
    if (kind === "0" || kind === "") yield [path, body];
  }
}
