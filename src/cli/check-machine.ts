import { accessSync, constants, existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, resolve } from "node:path";
import { DEFAULTS, parseAddress } from "./address.ts";
import type { Finding } from "./check.ts";
import { envoyAtHand, TESTED_ENVOY } from "./envoy-binary.ts";
import { filterWasmPath } from "./package-files.ts";

/** `qmesh check --pre`: whether this machine can run a control plane, before one is started. Fetches nothing. */
export async function checkMachine(data: string): Promise<Finding[]> {
  const ports = await Promise.all(
    [DEFAULTS.xds, DEFAULTS.rateLimit, DEFAULTS.http].map(async (address): Promise<Finding> => {
      const isFree = await canListen(address);
      if (isFree) return { group: "ports", what: `${address} is free`, state: "ok" };
      const hint =
        "another control plane may run here; --xds, --rate-limit and --http choose others";
      return { group: "ports", what: `${address} is taken`, state: "warning", hint };
    }),
  );
  return [checkNode(), await checkEnvoy(), checkFilter(), ...ports, checkFolder(data)];
}

/** As `engines` of package.json. */
function checkNode(): Finding {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const what = `Node ${node}`;
  const isTooOld =
    major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 14);
  if (isTooOld) {
    const hint = "install Node 20.19 or newer (20.x), 22.14 or newer";
    return { group: "machine", what, state: "failed", hint };
  }
  if (major > 20) return { group: "machine", what, state: "ok" };
  const hint = "Node 20 is past its end of life: run 22 or 24 in production";
  return { group: "machine", what, state: "warning", hint };
}

async function checkEnvoy(): Promise<Finding> {
  const what = `Envoy ${TESTED_ENVOY} is at hand`;
  const path = await envoyAtHand();
  if (path !== undefined) return { group: "machine", what, state: "ok" };
  const hint = "qmesh envoy path fetches it; Envoys on other machines need none here";
  return { group: "machine", what, state: "warning", hint };
}

function checkFilter(): Finding {
  const what = "the filter is built";
  if (existsSync(filterWasmPath)) return { group: "machine", what, state: "ok" };
  return { group: "machine", what, state: "failed", hint: "npm run build" };
}

function checkFolder(data: string): Finding {
  const what = `${data} can be written`;
  let folder = resolve(data);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { group: "state", what, state: "ok" };
  } catch {
    const hint = `${folder} does not let this user write: choose another with --data`;
    return { group: "state", what, state: "failed", hint };
  }
}

function canListen(address: string): Promise<boolean> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", () => done(false));
    server.listen(parseAddress(address), () => server.close(() => done(true)));
  });
}
