import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Children } from "../../src/cli/children.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { canPin, pin, SERVER_CORE } from "./process-usage.ts";

/** A server under test in a process of its own, on one core. */
export interface Ports {
  readonly xds: number;
  readonly control: number;
}

export interface RunningServer {
  readonly pid: number;
  readonly ports: Ports;
  stop(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  start(children: Children): Promise<RunningServer>;
}

export const OURS: Contestant = {
  name: "quantum mesh",
  async start(children) {
    const child = children.forkModule("../../bench/fleet/server.js");
    const [ports] = (await once(child, "message")) as [Ports];
    const { pid } = child;
    if (pid === undefined) throw new Error("invariant: a process that answers has an id");
    pin(pid, SERVER_CORE);
    return {
      pid,
      ports,
      async stop() {
        const exited = once(child, "exit");
        child.disconnect();
        await exited;
      },
    };
  },
};

const PEER_FOLDER = fileURLToPath(
  new URL("../../../bench/peers/go-control-plane", import.meta.url),
);
const PEER_NAME = "go-control-plane v0.14.0";
const START_SECONDS = 20;

/** go-control-plane's two caches, as they come and tuned; undefined without a Go toolchain. */
export function buildPeers(): readonly Contestant[] | undefined {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const binary = join(temporaryFolder(), "peer");
  execFileSync("go", ["build", "-o", binary, "."], { cwd: PEER_FOLDER, stdio: "inherit" });
  return ["snapshot", "linear"].flatMap((cache) => [
    peer(`${PEER_NAME}, ${cache} cache`, binary, [`-cache=${cache}`]),
    peer(`${PEER_NAME}, ${cache} cache, tuned`, binary, [`-cache=${cache}`, "-tuned"]),
  ]);
}

function peer(name: string, binary: string, flags: readonly string[]): Contestant {
  return {
    name,
    async start(children) {
      const folder = temporaryFolder();
      const portsFile = join(folder, "ports");
      const command = [binary, ...flags, `-ports=${portsFile}`];
      // Pinned from the start: Go sizes its scheduler by the cores it sees then.
      const pinned = canPin ? ["taskset", "-c", String(SERVER_CORE), ...command] : command;
      const [program = binary, ...rest] = pinned;
      const guard = children.guard(program, rest, join(folder, "log"));
      const [xds = 0, control = 0] = (await readOnce(portsFile)).split(" ").map(Number);
      return {
        pid: Number(readFileSync(`/proc/${guard.pid}/task/${guard.pid}/children`, "utf8").trim()),
        ports: { xds, control },
        async stop() {
          const exited = once(guard, "exit");
          guard.stdin?.end();
          await exited;
        },
      };
    },
  };
}

async function readOnce(file: string): Promise<string> {
  const end = performance.now() + START_SECONDS * 1000;
  for (; performance.now() < end; await sleep(20)) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // Not yet there.
    }
  }
  throw new Error(`${file} does not appear: the server did not start`);
}
