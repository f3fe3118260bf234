import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { type BootstrapOptions, buildBootstrap, envoyArguments } from "../../src/cli/bootstrap.ts";
import { envoyPath } from "../../src/cli/envoy-binary.ts";
import { encodeJson } from "../../src/proto/encode-json.ts";
import type { EnvoyResource, Json, JsonObject } from "../../src/resources/resource.ts";

/**
 * A real Envoy that reads resources from files instead of ADS, in the very bytes ADS would carry: what it refuses, it
 * says, and what it accepted can be asked with requests. No control plane, so a failure here is the resources' own.
 */
export interface FileEnvoy {
  /** Port a listener took. */
  readonly port: (listener: string) => Promise<number>;
  readonly admin: (path: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export type FileNode = Pick<BootstrapOptions, "id" | "role" | "locality">;

const EDGE: FileNode = { id: "edge-1", role: { role: "gateway", name: "edge" } };

/** Resolves once every listener is open; rejects with Envoy's log if it ends or refuses before. */
export async function startFileEnvoy(
  resources: readonly EnvoyResource[],
  { secrets = [], node = EDGE }: { secrets?: readonly JsonObject[]; node?: FileNode } = {},
): Promise<FileEnvoy> {
  const folder = temporaryFolder();
  const bootstrapFile = join(folder, "bootstrap.json");
  const adminAddressFile = join(folder, "admin");
  writeFileSync(
    bootstrapFile,
    JSON.stringify(withSecrets(fileBootstrap(folder, resources, node), secrets)),
  );
  const flags = envoyArguments({ bootstrapFile, adminAddressFile, concurrency: 1 });
  const child = spawn(await envoyPath(), flags, { stdio: ["ignore", "ignore", "pipe"] });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
  try {
    await untilOpen(child);
  } catch (cause) {
    await stop();
    throw cause;
  }
  const address = readFileSync(adminAddressFile, "utf8");
  const admin = async (path: string) => (await fetch(`http://${address}${path}`)).text();
  return {
    admin,
    stop,
    port: async (listener) => portOf(listener, await admin("/listeners?format=json")),
  };
}

async function untilOpen(child: ChildProcess): Promise<void> {
  const log: string[] = [];
  if (child.stderr === null) throw new Error("invariant: no stderr");
  for await (const line of createInterface({ input: child.stderr })) {
    log.push(line);
    if (/starting workers/.test(line)) {
      child.stderr.resume();
      return;
    }
    if (/rejected|update failed|NACK/i.test(line)) break;
  }
  throw new Error(log.slice(-15).join("\n"));
}

function portOf(listener: string, json: string): number {
  const { listener_statuses: all } = JSON.parse(json) as {
    listener_statuses: {
      name: string;
      local_address: { socket_address: { port_value: number } };
    }[];
  };
  const found = all.find(({ name }) => name === listener);
  if (found === undefined) throw new Error(`no listener ${listener} in ${json}`);
  return found.local_address.socket_address.port_value;
}

function fileBootstrap(
  folder: string,
  resources: readonly EnvoyResource[],
  node: FileNode,
): JsonObject {
  const bootstrap = buildBootstrap({
    ...node,
    xds: { host: "127.0.0.1", port: 1 },
    rateLimit: { host: "127.0.0.1", port: 1 },
    admin: { port: 0 },
  });
  for (const { typeUrl, name } of resources) {
    const one = resources.filter((other) => other.typeUrl === typeUrl && other.name === name);
    writeResponse(join(folder, fileName(typeUrl, name)), folder, one);
  }
  const all = (typeName: string) => {
    const path = join(folder, `${typeName}.pb`);
    writeResponse(
      path,
      folder,
      resources.filter(({ typeUrl }) => typeUrl.endsWith(`.${typeName}`)),
    );
    return fileSource(path);
  };
  return {
    ...bootstrap,
    static_resources: fromFiles(bootstrap.static_resources, folder, "") as JsonObject,
    dynamic_resources: { lds_config: all("Listener"), cds_config: all("Cluster") },
    stats_sinks: [],
  };
}

/** As an operator adds them to a bootstrap. */
function withSecrets(bootstrap: JsonObject, secrets: readonly JsonObject[]): JsonObject {
  const { static_resources } = bootstrap as { static_resources: JsonObject };
  return { ...bootstrap, static_resources: { ...static_resources, secrets } };
}

function writeResponse(path: string, folder: string, resources: readonly EnvoyResource[]): void {
  const list = resources.map(({ typeUrl, name, body }) => ({
    "@type": typeUrl,
    ...(fromFiles(body, folder, name) as JsonObject),
  }));
  writeFileSync(
    path,
    encodeJson("envoy.service.discovery.v3.DiscoveryResponse", { resources: list }),
  );
}

const SOURCE_OF: Readonly<Record<string, string>> = {
  eds_cluster_config: "ClusterLoadAssignment",
  rds: "RouteConfiguration",
  config_discovery: "TypedExtensionConfig",
};

/** The same resource with every ADS source replaced by the file of what it names. */
function fromFiles(json: Json | undefined, folder: string, name: string): Json | undefined {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((item) => fromFiles(item, folder, name) as Json);
  const object = json as JsonObject;
  const own = typeof object.name === "string" ? object.name : name;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      const type = SOURCE_OF[key];
      if (type === undefined) return [key, fromFiles(value, folder, own)];
      const fields = value as JsonObject;
      const target = String(fields.route_config_name ?? own);
      const source = fileSource(join(folder, fileName(`.${type}`, target)));
      const sourceKey = key === "eds_cluster_config" ? "eds_config" : "config_source";
      return [key, { ...fields, [sourceKey]: source }];
    }),
  );
}

function fileName(typeUrl: string, name: string): string {
  return `${typeUrl.slice(typeUrl.lastIndexOf(".") + 1)}-${name}.pb`;
}

function fileSource(path: string): JsonObject {
  return { path_config_source: { path }, resource_api_version: "V3" };
}
