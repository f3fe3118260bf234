import { EventEmitter, once } from "node:events";
import { performance } from "node:perf_hooks";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { buildApi, listenApi } from "../api/server.ts";
import type { StatusDocument } from "../api/status-document.ts";
import { type IntentState, loadIntent, watchIntent } from "../control/intent-source.ts";
import { ControlLoop } from "../control/loop.ts";
import { gatewayKey } from "../control/publisher.ts";
import { EvidenceStore } from "../evidence/store.ts";
import { createLog } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { formatProblem } from "../policy/format.ts";
import { addMetricsService } from "../telemetry/metrics-service.ts";
import { createXdsServer, SERVER_OPTIONS, type XdsEvent, type XdsNode } from "../xds/server.ts";
import type { Address } from "./address.ts";
import { Failure } from "./exit-code.ts";
import { filterWasmPath } from "./package-files.ts";
import { buildStatus, shortType } from "./status-source.ts";

/**
 * The composition root of the control plane: intent directory, loop, xDS server, telemetry, HTTP, wired by function
 * arguments. Used by `serve` and `up`, which own its lifetime.
 */
export interface ControlPlane {
  readonly ports: { readonly xds: number; readonly http: number };
  status(): StatusDocument;
  /** Monotonic ms of the next response sent, or the next one acknowledged. */
  nextEvent(kind: "sent" | "acked"): Promise<number>;
  stop(): void;
}

export interface ControlPlaneOptions {
  /** Folder of intent. */
  readonly config: string;
  readonly xds: Address;
  readonly http: Address;
  readonly logLevel: string;
}

export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const log = createLog(options.logLevel);
  const metrics = new Metrics();
  const evidence = new EvidenceStore();
  const nowMs = () => performance.now();
  const started = new Date().toISOString();
  const xds = createXdsServer({
    nodeKey,
    isReady: () => loop.isReady,
    onEvent: (event) => record(event),
  });
  const loop: ControlLoop = new ControlLoop(xds, { filterWasm: filterWasmPath });
  const status = () => buildStatus({ started, loop, xds, evidence: evidence.snapshot(nowMs()) });

  const events = new EventEmitter();
  const record = (event: XdsEvent) => {
    events.emit(event.kind, nowMs());
    if (event.kind === "sent") metrics.pushes.inc({ type: shortType(event.typeUrl) });
    if (event.kind === "nacked") metrics.nacks.inc({ type: shortType(event.typeUrl) });
    if (event.kind === "nacked" || event.kind === "refused")
      log.warn({ ...event }, `xds ${event.kind}`);
    else if (event.kind === "connected" || event.kind === "disconnected")
      log.info({ kind: event.kind, stream: event.streamId }, `xds ${event.kind}`);
    else log.debug({ ...event }, `xds ${event.kind}`);
  };
  const take = (intent: IntentState) => {
    metrics.intentLoads.inc({ result: intent.current ? "good" : "bad" });
    for (const problem of intent.problems)
      log[problem.severity === "error" ? "error" : "warn"](formatProblem(problem));
    loop.setIntent(intent);
    if (loop.failure !== undefined)
      log.error({ failure: loop.failure }, "intent could not be published");
    else if (intent.current) log.info({ digest: intent.policySet?.digest }, "intent in force");
  };

  const first = await loadIntent(options.config).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      `${options.config}: cannot be read (${error.code ?? error.message}): name a folder of YAML files.`,
    );
  });
  take(first);
  const grpc = new Server(SERVER_OPTIONS);
  xds.addTo(grpc);
  addMetricsService(grpc, { sink: evidence, nowMs });
  const xdsPort = await bindGrpc(grpc, options.xds);
  const api = buildApi({ status, metrics: () => metrics.text(status()) });
  const http = await listenApi(api, options.http).catch((error: NodeJS.ErrnoException) => {
    grpc.forceShutdown();
    throw portFailure("--http", options.http, error);
  });
  const stopWatching = watchIntent(options.config, first, take);
  return {
    ports: { xds: xdsPort, http: http.port },
    status,
    nextEvent: async (kind) => Number((await once(events, kind))[0]),
    stop: () => {
      stopWatching();
      grpc.forceShutdown();
      http.server.close();
      http.server.closeAllConnections();
    },
  };
}

function nodeKey(node: XdsNode): string {
  const qmesh = node.metadata.qmesh as { readonly name?: unknown } | undefined;
  return gatewayKey(typeof qmesh?.name === "string" ? qmesh.name : "");
}

function bindGrpc(server: Server, address: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(
      `${address.host}:${address.port}`,
      ServerCredentials.createInsecure(),
      (error, port) => {
        if (error === null) resolve(port);
        else reject(portFailure("--xds", address, error));
      },
    );
  });
}

function portFailure(flag: string, { host, port }: Address, error: Error): Failure {
  return new Failure(
    `${host}:${port} cannot be listened on (${error.message}): end the program that holds it, or choose another address with ${flag}.`,
  );
}
