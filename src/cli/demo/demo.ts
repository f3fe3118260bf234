import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StatusDocument } from "../../api/status-document.ts";
import type { LogLevel } from "../../log.ts";
import { type Address, parseAddress } from "../address.ts";
import { buildBootstrap } from "../bootstrap.ts";
import type { Children } from "../children.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { startEnvoy } from "../envoy-process.ts";
import { say } from "../output.ts";
import { renderClosing } from "./closing-table.ts";
import { DEMO_AUTOMATION, demoIntent } from "./intent.ts";
import { LiveTable } from "./live-table.ts";
import { ADAPTIVE_DOCS, adaptiveConcurrency, peerCluster, peerListener } from "./peers.ts";
import { capacityRps, DEADLINE_MS, PEAK, planRuns, SEED, SLOT_MS, SLOTS, TIERS } from "./plan.ts";
import { type RunResult, toRunResult } from "./results.ts";
import { runLoad, startService } from "./run.ts";

/**
 * The main job on a stage: a service of exactly known capacity behind a real Envoy that gets everything from our control
 * plane, a load that rises to five times that capacity, and the same load through two listeners without our filter.
 */
export interface DemoOptions {
  readonly data: string;
  readonly xds?: Address;
  readonly rateLimit?: Address;
  readonly http?: Address;
  /** Seconds of load; absent: 60, and serving goes on afterwards. */
  readonly duration?: number;
  readonly concurrency: number;
  readonly output: "table" | "json";
  readonly logLevel?: LogLevel;
  readonly binary: string;
  readonly folder: string;
}

const DEFAULT_SECONDS = 60;
const ANYWHERE = "127.0.0.1:0";
const PEER_LISTENER = { "filter off": "peer_off", adaptive_concurrency: "peer_adaptive" } as const;

export async function runDemo(
  children: Children,
  options: DemoOptions,
  stopped: Promise<unknown>,
): Promise<void> {
  const service = await startService(children, { slots: SLOTS, slotMs: SLOT_MS });
  const config = join(options.data, "demo-intent");
  rmSync(config, { recursive: true, force: true });
  mkdirSync(config, { recursive: true });
  // Every demo begins anew, so that two of them can be compared.
  const data = join(options.data, "demo-state");
  rmSync(data, { recursive: true, force: true });
  writeFileSync(join(config, "shop.yaml"), demoIntent(service.port) + DEMO_AUTOMATION);
  const plane = await startControlPlane({
    config,
    data,
    xds: options.xds ?? parseAddress(ANYWHERE),
    rateLimit: options.rateLimit ?? parseAddress(ANYWHERE),
    http: options.http ?? parseAddress(ANYWHERE),
    logLevel: options.logLevel ?? "warn",
  });
  const envoy = await startEnvoy(children, {
    ...options,
    name: "edge",
    bootstrap: demoBootstrap(plane.ports, service.port),
  });
  const ports = {
    "quantum mesh": await envoy.listenerPort("edge_0"),
    "filter off": await envoy.listenerPort(PEER_LISTENER["filter off"]),
    adaptive_concurrency: await envoy.listenerPort(PEER_LISTENER.adaptive_concurrency),
  };
  const capacity = capacityRps(SLOTS, SLOT_MS);
  for (const line of plane.greeting) say(line);
  say(`intent in ${config}`);
  say(
    `Envoy on 127.0.0.1:${ports["quantum mesh"]}, ${options.concurrency} workers, admin ${envoy.admin}`,
  );
  say(`service: ${SLOTS} slots of ${SLOT_MS} ms = ${capacity} requests a second; seed ${SEED}\n`);

  const table = new LiveTable(process.stderr);
  const runs: RunResult[] = [];
  for (const run of planRuns(options.duration ?? DEFAULT_SECONDS, capacity)) {
    service.reset();
    const isOurs = run.variant === "quantum mesh";
    const order = {
      port: ports[run.variant],
      phases: run.phases,
      tiers: TIERS,
      seed: SEED,
      deadlineMs: DEADLINE_MS,
    };
    const done = await runLoad(children, order, ({ atMs, phase, tiers }) =>
      table.show({
        variant: run.variant,
        atSeconds: Math.round(atMs / 1000),
        load: run.phases[phase]?.load ?? 0,
        tierNames: TIERS.map(({ name }) => name),
        tiers,
        ...(isOurs && filterNow(plane.status())),
      }),
    );
    table.keep();
    runs.push(toRunResult(run, done, { tiers: TIERS, capacity }));
  }
  const document = {
    service: { slots: SLOTS, slotMs: SLOT_MS, capacityRps: capacity },
    deadlineMs: DEADLINE_MS,
    seed: SEED,
    envoyWorkers: options.concurrency,
    peak: PEAK,
    runs,
  };
  if (options.output === "json") process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else process.stdout.write(`\n${renderClosing(document).join("\n")}\n`);
  if (options.duration !== undefined) return plane.stop();
  say("\nThe mesh goes on serving; look at the dashboard. Ctrl-C ends everything.");
  await stopped;
}

function filterNow(status: StatusDocument): { limit?: number; inflight?: number } {
  const scope = status.nodes[0]?.evidence?.scopes[0];
  return scope === undefined ? {} : { limit: scope.limit, inflight: scope.inflight };
}

function demoBootstrap(ports: ControlPlane["ports"], servicePort: number) {
  return buildBootstrap({
    id: "edge-1",
    role: { role: "gateway", name: "edge" },
    xds: { host: "127.0.0.1", port: ports.xds },
    rateLimit: { host: "127.0.0.1", port: ports.rateLimit },
    admin: { port: 0 },
    staticClusters: [peerCluster(servicePort)],
    staticListeners: [
      peerListener(PEER_LISTENER["filter off"], []),
      peerListener(PEER_LISTENER.adaptive_concurrency, [adaptiveConcurrency(ADAPTIVE_DOCS)]),
    ],
  });
}
