import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import { projectRoot } from "./project-root.ts";

/**
 * A real control plane and real Envoys as child processes on loopback with free ports, the way an operator runs them.
 * `stop()` ends all of them.
 */
export interface ServePorts {
  readonly xds: number;
  readonly rateLimit: number;
  readonly http: number;
}

export interface RunningEnvoy {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:PORT` of the admin interface. */
  readonly admin: string;
}

interface EnvoyOptions {
  readonly gateway?: string;
  readonly service?: string;
  readonly concurrency?: number;
  /** `eu/a`. */
  readonly locality?: string;
  /** The Envoy of `epoch` 1 takes over from that of 0 with the same `baseId`, which ends within seconds. */
  readonly hotRestart?: { readonly baseId: number; readonly epoch: number };
}

/** Seconds in which the Envoy that is taken over from drains, and after which it ends. */
const [DRAIN_SECONDS, PARENT_SECONDS] = [1, 4];

const MAIN = join(projectRoot, "dist/src/main.js");

export class Mesh {
  readonly folder = temporaryFolder();
  readonly data = temporaryFolder();
  readonly #children: ChildProcess[] = [];
  serve: ChildProcess | undefined;
  ports: ServePorts = { xds: 0, rateLimit: 0, http: 0 };
  readonly #certs: string[];
  readonly #flags: readonly string[];

  /** `certs`: folder of certificates; absent: plaintext. `flags`: more of `qmesh serve`. */
  constructor({ certs, flags = [] }: { readonly certs?: string; readonly flags?: string[] } = {}) {
    this.#flags = flags;
    this.#certs = certs === undefined ? [] : ["--certs", certs];
  }

  writeIntent(text: string, file = "intent.yaml"): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Starts `qmesh serve`; on the ports of the run before, if there was one. */
  async startServe(): Promise<void> {
    const { xds, rateLimit, http } = this.ports;
    const flags = [
      ...["--xds", `127.0.0.1:${xds}`, "--rate-limit", `127.0.0.1:${rateLimit}`],
      ...["--http", `127.0.0.1:${http}`, "-o", "json"],
    ];
    const child = this.#spawn(process.execPath, [
      MAIN,
      "serve",
      "--config",
      this.folder,
      "--data",
      this.data,
      ...flags,
      ...this.#certs,
      ...this.#flags,
    ]);
    this.serve = child;
    this.ports = JSON.parse(await firstLine(child)) as ServePorts;
  }

  async killServe(): Promise<void> {
    await kill(this.serve);
    this.serve = undefined;
  }

  /** A gateway's Envoy, or with `service` a sidecar. */
  async startEnvoy(id: string, options: EnvoyOptions = {}): Promise<RunningEnvoy> {
    const { gateway = "edge", service, concurrency = 2, locality, hotRestart } = options;
    const role = service === undefined ? ["--gateway", gateway] : ["--service", service];
    const bootstrap = this.#spawn(process.execPath, [
      MAIN,
      ...["bootstrap", ...role, "--id", id, "--xds", `127.0.0.1:${this.ports.xds}`],
      ...["--rate-limit", `127.0.0.1:${this.ports.rateLimit}`, ...this.#certs],
      ...(locality === undefined ? [] : ["--locality", locality]),
    ]);
    const file = join(this.folder, `.${id}.json`);
    writeFileSync(file, await everything(bootstrap));
    const addressFile = join(this.folder, `.${id}.admin`);
    rmSync(addressFile, { force: true });
    const child = this.#spawn(await envoyPath(), [
      ...["--config-path", file, "--admin-address-path", addressFile],
      ...["--concurrency", String(concurrency), "--log-level", "warn"],
      ...baseFlags(hotRestart),
    ]);
    const address = await until(`${id} to open its admin port`, () => readIfThere(addressFile));
    return { child, admin: `http://${address}` };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(kill));
  }

  #spawn(command: string, args: string[]): ChildProcess {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", process.env.QMESH_TEST_VERBOSE ? "inherit" : "ignore"],
    });
    this.#children.push(child);
    return child;
  }
}

function baseFlags(hotRestart: EnvoyOptions["hotRestart"]): string[] {
  if (hotRestart === undefined) return ["--use-dynamic-base-id"];
  return [
    ...["--base-id", String(hotRestart.baseId), "--restart-epoch", String(hotRestart.epoch)],
    ...["--drain-time-s", String(DRAIN_SECONDS)],
    ...["--parent-shutdown-time-s", String(PARENT_SECONDS)],
  ];
}

export async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** The port an Envoy took for a listener of the intent. */
export async function listenerPort(envoy: RunningEnvoy, listener: string): Promise<number> {
  return until(`listener ${listener}`, async () => {
    const found = (await listeners(envoy)).find(({ name }) => name === listener);
    const port = found?.local_address.socket_address.port_value;
    return port !== undefined && (await accepts(port)) ? port : undefined;
  });
}

/** Envoy names a listener while it is still warming: bound, and refusing connections. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

interface ListenerStatus {
  readonly name: string;
  readonly local_address: { readonly socket_address: { readonly port_value: number } };
}

async function listeners(envoy: RunningEnvoy): Promise<readonly ListenerStatus[]> {
  const body = (await getJson(`${envoy.admin}/listeners?format=json`)) as {
    listener_statuses?: ListenerStatus[];
  };
  return body.listener_statuses ?? [];
}

export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  return response.json();
}

/** Value of one Envoy counter or gauge; undefined before it exists. */
export async function envoyStat(
  envoy: Pick<RunningEnvoy, "admin">,
  name: string,
): Promise<number | undefined> {
  const response = await fetch(
    `${envoy.admin}/stats?filter=${encodeURIComponent(`^${name.replaceAll(".", "\\.")}$`)}`,
  );
  const match = /: (\d+)\s*$/.exec(await response.text());
  return match === null ? undefined : Number(match[1]);
}

/** Asks again every 20 ms until `ask` gives a value; fails after `seconds`, naming what was waited for. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  seconds = 40,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await sleep(20);
  }
  throw new Error(`waited ${seconds} s for ${what}`, { cause: last });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("invariant: stdout is piped");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the process ended without a line");
}

async function everything(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) text += chunk;
  return text;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
