// What both commands do first: check Node, install, build, bring Envoy; each only if something changed since.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");

const BUILD_INPUTS = [
  "src",
  "test",
  "bench",
  "dashboard",
  "wasm-filter",
  "proto",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.base.json",
];
/** The dashboard takes of `src` only types, which no build looks at. */
const DASHBOARD_INPUTS = ["dashboard", "package-lock.json"];
const WASM_FLAGS = [
  "-O3s",
  "--converge",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--exportStart",
  "_initialize",
  "--transform",
  "./wasm-filter/texts.mjs",
];
const WASM_MODULES = { index: "filter", noop: "noop", parity: "parity", poison: "poison" };

/** A problem of the machine, not of the code: printed as its one sentence. */
class Unmet extends Error {}

export async function prepare() {
  process.chdir(projectRoot);
  checkNode();
  await install();
  await build();
  await buildDashboard();
  await runNode("dist/src/main.js", ["envoy", "path"], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs `job`; a failure ends this process with its sentence and exit code. */
export async function main(job) {
  try {
    process.exitCode = (await job()) ?? 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Unmet ? error.message : error.stack}\n`);
    process.exitCode = error.exitCode ?? 1;
  }
}

/** Starts a Node program of ours in the foreground; resolves to its exit code. */
export function startNode(script, args) {
  return exitCode(process.execPath, ["--enable-source-maps", script, ...args], {
    stdio: "inherit",
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 14) || major > 22;
  if (!fits) {
    throw new Unmet(
      `Node ${process.versions.node} is too old: install Node 20.19 or newer (20.x), 22.14 or newer.`,
    );
  }
}

async function install() {
  const lock = hashOf(["package-lock.json"]);
  const stamp = "node_modules/.qmesh-installed";
  if (isStamped(stamp, lock)) return;
  process.stderr.write("installing…\n");
  await step(
    "npm",
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    "the install failed: see npm's message above",
  );
  writeFileSync(stamp, lock);
}

async function build() {
  const inputs = hashOf(BUILD_INPUTS);
  const stamp = "dist/.built";
  if (isStamped(stamp, inputs)) return;
  process.stderr.write("building…\n");
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("build", { recursive: true });
  await runNode("node_modules/typescript/bin/tsc", ["-b"]);
  // npx makes it executable only when it first links it.
  chmodSync("dist/src/main.js", 0o755);
  await runNode("dist/src/proto/build-bundle.js", []);
  for (const [entry, module] of Object.entries(WASM_MODULES)) {
    const files = [`wasm-filter/assembly/${entry}.ts`, "-o", `build/${module}.wasm`];
    await runNode("node_modules/assemblyscript/bin/asc.js", [...files, ...WASM_FLAGS]);
  }
  writeFileSync(stamp, inputs);
}

async function buildDashboard() {
  const inputs = hashOf(DASHBOARD_INPUTS);
  const stamp = "build/dashboard/.built";
  if (isStamped(stamp, inputs)) return;
  const vite = ["build", "dashboard", "--logLevel", "warn"];
  await runNode("node_modules/vite/bin/vite.js", vite);
  writeFileSync(stamp, inputs);
}

function isStamped(stamp, content) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === content;
}

function hashOf(paths) {
  const hash = createHash("sha256");
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else {
      hash.update(path).update("\0").update(readFileSync(path));
    }
  };
  paths.forEach(add);
  return hash.digest("hex");
}

async function step(command, args, sentence) {
  const code = await exitCode(command, args, { stdio: ["ignore", process.stderr, "inherit"] });
  if (code !== 0) throw new Unmet(`${command} ${args[0]}: ${sentence}.`);
}

async function runNode(script, args, options = { stdio: ["ignore", process.stderr, "inherit"] }) {
  const code = await exitCode(process.execPath, [script, ...args], options);
  if (code !== 0)
    throw Object.assign(new Unmet(`${script} ${args.join(" ")} failed, see above.`), {
      exitCode: code,
    });
}

function exitCode(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    const pass = (signal) => child.kill(signal);
    process.on("SIGINT", pass);
    process.on("SIGTERM", pass);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", pass);
      process.off("SIGTERM", pass);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}
