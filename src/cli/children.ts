import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The child processes of one run, ended together. None outlives its parent, whatever ends that: programs of ours end
 * when their IPC channel closes, foreign ones run under `guard.ts`.
 */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /** A Node program of ours, by its module URL without extension knowledge: `./demo/load.js` beside this file. */
  forkModule(relative: string, args: readonly string[] = []): ChildProcess {
    const path = fileURLToPath(new URL(relative, import.meta.url));
    return this.#keep(fork(path, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] }));
  }

  /** A foreign program; its output goes to `logFile`. */
  guard(command: string, args: readonly string[], logFile: string): ChildProcess {
    const guardPath = fileURLToPath(new URL("./guard.js", import.meta.url));
    const log = openSync(logFile, "w");
    return this.#keep(
      spawn(process.execPath, [guardPath, command, ...args], { stdio: ["pipe", log, log] }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(endChild));
  }

  #keep(child: ChildProcess): ChildProcess {
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  else child.stdin?.end();
  await exited;
}
