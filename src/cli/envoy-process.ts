import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../resources/resource.ts";
import { envoyArguments } from "./bootstrap.ts";
import type { Children } from "./children.ts";
import { Failure } from "./exit-code.ts";

/** A real Envoy under guard, with its bootstrap, admin address and log in `folder`. */
export interface EnvoyProcess {
  /** `http://127.0.0.1:PORT` of the admin interface. */
  readonly admin: string;
  /** Of Envoy itself, not of its guard. */
  readonly pid: number;
  /** Port a listener took; waits until it is open. */
  listenerPort(name: string): Promise<number>;
}

const START_SECONDS = 20;

export async function startEnvoy(
  children: Children,
  options: {
    binary: string;
    folder: string;
    name: string;
    bootstrap: JsonObject;
    concurrency: number;
  },
): Promise<EnvoyProcess> {
  const file = (ending: string) => join(options.folder, `${options.name}.${ending}`);
  const [bootstrapFile, adminAddressFile, logFile] = [file("json"), file("admin"), file("log")];
  writeFileSync(bootstrapFile, JSON.stringify(options.bootstrap, null, 2));
  rmSync(adminAddressFile, { force: true });
  const flags = envoyArguments({
    bootstrapFile,
    adminAddressFile,
    concurrency: options.concurrency,
  });
  const child = children.guard(options.binary, [...flags, "--log-level", "warn"], logFile);
  const waitFor = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
    for (
      const end = performance.now() + START_SECONDS * 1000;
      performance.now() < end;
      await sleep(20)
    ) {
      if (child.exitCode !== null) throw new Failure(`Envoy ended before ${what}: see ${logFile}.`);
      const value = await ask().catch(() => undefined);
      if (value !== undefined) return value;
    }
    throw new Failure(`Envoy did not come to ${what} within ${START_SECONDS} s: see ${logFile}.`);
  };
  const admin = await waitFor(
    "its admin port",
    async () => readFileSync(adminAddressFile, "utf8").trim() || undefined,
  );
  return {
    admin: `http://${admin}`,
    pid: Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim()),
    listenerPort: (name) =>
      waitFor(`open the listener ${name}`, () => portOf(`http://${admin}`, name)),
  };
}

interface ListenerStatuses {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}

async function portOf(admin: string, listener: string): Promise<number | undefined> {
  const body = (await (await fetch(`${admin}/listeners?format=json`)).json()) as ListenerStatuses;
  const found = body.listener_statuses?.find(({ name }) => name === listener);
  return found?.local_address.socket_address.port_value;
}
