import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LogLevel } from "../log.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import { type Address, DEFAULTS, parseAddress } from "./address.ts";
import { loadForUse } from "./analyze.ts";
import { buildBootstrap } from "./bootstrap.ts";
import { ensureNode } from "./certs.ts";
import { Children } from "./children.ts";
import { startControlPlane } from "./control-plane.ts";
import { runDemo } from "./demo/demo.ts";
import { envoyPath } from "./envoy-binary.ts";
import { startEnvoy } from "./envoy-process.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { prepareNodeTls } from "./node-tls.ts";
import { say } from "./output.ts";
import { withProgress } from "./progress.ts";
import { stopSignal } from "./stop-signal.ts";

/**
 * `qmesh up`: control plane and Envoys in one command. With `--config` one Envoy per Gateway and one per
 * sidecar of the operator's intent, until a signal; without, the demo. Whatever ends this process, its children end too.
 */
export interface UpOptions {
  readonly config?: string;
  readonly data: string;
  readonly access?: string;
  readonly xds?: Address;
  readonly rateLimit?: Address;
  readonly http?: Address;
  readonly certs?: string;
  readonly insecurePlaintext?: boolean;
  readonly canaryPush?: number;
  readonly canaryHold?: number;
  readonly outbound?: readonly string[];
  readonly publicUrl?: string;
  readonly otlp?: string;
  readonly duration?: number;
  readonly concurrency: number;
  readonly output: "table" | "json";
  readonly logLevel?: LogLevel;
}

export async function up(options: UpOptions): Promise<number> {
  refuseOfDemo(options);
  const children = new Children();
  const stopped = stopSignal();
  const binary = await withProgress("finding or fetching Envoy", envoyPath()).catch(
    (error: Error) => {
      throw new Failure(error.message);
    },
  );
  const folder = join(options.data, "envoy");
  mkdirSync(folder, { recursive: true });
  const work =
    options.config === undefined
      ? runDemo(children, { ...options, binary, folder }, stopped)
      : serveOwn(children, options.config, options, { binary, folder });
  try {
    const ended = await Promise.race([work.then(() => "done" as const), stopped]);
    if (ended !== "done") return EXIT.interrupted;
    if (options.config !== undefined) await stopped;
    return EXIT.fine;
  } finally {
    await children.stop();
  }
}

/** The demo has an intent, and nobody to tell, of its own. */
function refuseOfDemo({ config, certs, otlp }: UpOptions): void {
  const [flag] = [certs !== undefined && "--certs", otlp !== undefined && "--otlp"].filter(Boolean);
  if (config === undefined && flag !== undefined)
    throw new Failure(`${flag} is for Envoys of your own intent: give it by --config.`, EXIT.usage);
}

async function serveOwn(
  children: Children,
  config: string,
  options: UpOptions,
  { binary, folder }: { binary: string; folder: string },
): Promise<void> {
  const { certs } = options;
  const nodes = rolesOf(await loadForUse(config)).map((role) => {
    const name = role.role === "gateway" ? role.name : `${role.service}-sidecar`;
    return { name, id: `${name}-1`, role };
  });
  // These Envoys run here, so their certificates are made where they are missing.
  if (certs !== undefined)
    for (const { id, role } of nodes) ensureNode(certs, { kind: "node", role, nodeId: id });
  const plane = await startControlPlane({
    config,
    data: options.data,
    ...(options.access !== undefined && { access: options.access }),
    xds: options.xds ?? parseAddress(DEFAULTS.xds),
    rateLimit: options.rateLimit ?? parseAddress(DEFAULTS.rateLimit),
    http: options.http ?? parseAddress(DEFAULTS.http),
    ...(certs !== undefined && { certs }),
    insecurePlaintext: options.insecurePlaintext ?? false,
    ...(options.canaryPush !== undefined && { canaryPush: options.canaryPush }),
    ...(options.canaryHold !== undefined && { canaryHold: options.canaryHold }),
    ...(options.outbound !== undefined && { outbound: options.outbound }),
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.otlp !== undefined && { otlp: options.otlp }),
    logLevel: options.logLevel ?? "info",
  });
  for (const line of plane.greeting) say(line);
  for (const { name, id, role } of nodes) {
    const tls = certs === undefined ? {} : { tls: prepareNodeTls(certs, { id, role }) };
    const bootstrap = buildBootstrap({
      id,
      role,
      ...tls,
      xds: { host: "127.0.0.1", port: plane.ports.xds },
      rateLimit: { host: "127.0.0.1", port: plane.ports.rateLimit },
      admin: { port: 0 },
    });
    const envoy = await startEnvoy(children, {
      binary,
      folder,
      name,
      bootstrap,
      concurrency: options.concurrency,
    });
    say(
      `Envoy ${id} runs ${roleKey(role)}, admin on ${envoy.admin}, log in ${join(folder, `${name}.log`)}`,
    );
  }
  say("Ctrl-C ends everything.");
}
