import { EventEmitter, once } from "node:events";
import { performance } from "node:perf_hooks";
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { rateLimitMethod } from "../adapters/rate-limit-service.ts";
import { RateLimiter } from "../adapters/rate-limiter.ts";
import { type AnswerTo, startUnaryServer, type UnaryServer } from "../adapters/unary-server.ts";
import type { Commands } from "../api/commands.ts";
import { type EngineParts, engineCommands, engineModel } from "../api/model/engine-model.ts";
import { discoveryName } from "../api/node-document.ts";
import { startApi } from "../api/server.ts";
import type { StatusDocument } from "../api/status-document.ts";
import { IntentApplier } from "../control/intent-apply.ts";
import { type IntentState, loadIntent, watchIntent } from "../control/intent-source.ts";
import { pushVerdict } from "../control/push-verdict.ts";
import { finishWrite } from "../control/intent-writer.ts";
import { ControlLoop } from "../control/loop.ts";
import { AccessSamples } from "../evidence/access-samples.ts";
import { ClusterCounts } from "../evidence/cluster-counts.ts";
import { EvidenceLedger } from "../evidence/ledger.ts";
import { LoadReports } from "../evidence/load-reports.ts";
import { EvidenceStore } from "../evidence/store.ts";
import { createLog, type LogLevel } from "../log.ts";
import { createMetrics, type Metrics } from "../metrics.ts";
import { formatProblem } from "../policy/format.ts";
import { addAccessLogService } from "../telemetry/access-log-service.ts";
import { addLoadStatsService } from "../telemetry/load-stats-service.ts";
import { addMetricsService, type MetricsServiceOptions } from "../telemetry/metrics-service.ts";
import type { Refusal } from "../telemetry/node-stream.ts";
import { addClientStatusService } from "../xds/client-status.ts";
import { type Listener, listen } from "../xds/listener.ts";
import { createXdsServer, OWN_SERVER_OPTIONS, type XdsEvent } from "../xds/server.ts";
import type { Address } from "./address.ts";
import { auditOf } from "./audit-events.ts";
import { Automation, openMemory } from "./automation.ts";
import { Failure } from "./exit-code.ts";
import { openOperatorApi } from "./operator-api.ts";
import { filterWasmPath } from "./package-files.ts";
import { openRim, type Rim } from "./rim.ts";
import { SignalSources } from "./signal-sources.ts";
import { buildStatus, keyOf, toWithheldDocument } from "./status-source.ts";

/**
 * The composition root of the control plane: intent directory, loop, xDS server, telemetry, HTTP, wired by function
 * arguments. Used by `serve` and `up`, which own its lifetime.
 */
export interface ControlPlane {
  readonly ports: { readonly xds: number; readonly rateLimit: number; readonly http: number };
  /** Lines that tell a person where the dashboard is. */
  readonly greeting: readonly string[];
  status(): StatusDocument;
  /** Monotonic ms of the next response sent, or the next one acknowledged. */
  nextEvent(kind: "sent" | "acked"): Promise<number>;
  /** Ends the xDS streams one by one, a fleet over seconds, so that who takes over is not met by all of them at once. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Folder of intent. */
  readonly config: string;
  /** Folder of what is remembered. */
  readonly data: string;
  /** File that says who else may use the API. */
  readonly access?: string;
  readonly xds: Address;
  /** The rate-limit service: a port of its own, since it is asked for every request. */
  readonly rateLimit: Address;
  readonly http: Address;
  /** Folder that `qmesh certs` keeps; absent: plaintext. */
  readonly certs?: string;
  /** Plaintext beyond loopback is meant. */
  readonly insecurePlaintext?: boolean;
  /** Share of the Envoys of a role that get a change of intent first; absent: all at once. */
  readonly canaryPush?: number;
  /** How long they must have held it, ms. */
  readonly canaryHold?: number;
  readonly logLevel: LogLevel;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

const nowMs = () => performance.now();

/** Envoys report once a second. */
const TICK_MS = 1000;

/** Twice the Envoys one process is measured with; who comes beyond tries again, and those there are do not suffer. */
const MAX_STREAMS = 20_000;

/** New xDS streams a second, and as many ended a second by a drain: 10,000 that come back at once are in after 5 s. */
const MAX_STREAMS_PER_S = 2000;

/** Envoys report once a second, and a rate needs some of those. */
export const CANARY_HOLD_MS = 10_000;

/** Twice the time after which an Envoy's own fetch of configuration gives up. */
const CANARY_LAG_MS = 30_000;

/** Rejects with a Failure of one sentence if a folder cannot be used or a port cannot be had. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  // A failure reaches the operator as our sentence, not as the library's line as well.
  setLogVerbosity(logVerbosity.NONE);
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** What must end with the control plane, the newest first. */
class Closers {
  readonly #all: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#all.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#all.splice(0).reverse()) await close();
  }
}

async function start(options: ControlPlaneOptions, closers: Closers): Promise<ControlPlane> {
  const log = createLog(options.logLevel);
  const rim = openRim({
    ...options,
    addresses: [
      { flag: "--xds", address: options.xds },
      { flag: "--rate-limit", address: options.rateLimit },
    ],
    log,
    countRefused: () => metrics.rim.countRefused(),
  });
  closers.add(() => rim.stop());
  const operators = openOperatorApi(options);
  const events = new EventEmitter();
  const evidence = new EvidenceStore();
  const ledger = new EvidenceLedger();
  const counts = new ClusterCounts(ledger, (cluster) => loop.armOf(cluster));
  const loads = new LoadReports();
  const accesses = new AccessSamples();
  await finishWrite(options.config).catch(() => undefined);
  const first = await loadIntent(options.config).catch((error: NodeJS.ErrnoException) => {
    const why = error.code ?? error.message;
    throw new Failure(`${options.config}: cannot be read (${why}): name a folder of YAML files.`);
  });
  const memory = await openMemory(options.data, log, (records) => {
    for (const record of records) log.info({ record }, "decided");
  });
  closers.add(() => memory.close());
  const xds = createXdsServer({
    nodeKey: (node) => keyOf(node) ?? "",
    isReady: () => loop.isReady,
    maxStreams: MAX_STREAMS,
    maxStreamsPerS: MAX_STREAMS_PER_S,
    authorize: rim.authorizeNode,
    ...(options.canaryPush !== undefined && {
      canary: {
        share: options.canaryPush,
        holdMs: options.canaryHold ?? CANARY_HOLD_MS,
        lagMs: CANARY_LAG_MS,
        mayGoOn: (trial) => pushVerdict(trial, evidence.snapshot(nowMs())),
      },
    }),
    onEvent: (event) => events.emit("xds", event),
  });
  const loop: ControlLoop = new ControlLoop({
    sink: xds,
    filterWasm: filterWasmPath,
    evidence: () => evidence.snapshot(nowMs()),
    capacity: memory.capacity,
  });
  const automation = new Automation({
    memory,
    loop,
    log,
    evidence: (tick) => {
      ledger.advance(tick);
      return ledger.evidence();
    },
    holders: () => xds.status(),
  });
  const limiter = new RateLimiter();
  const started = new Date().toISOString();
  const status = () =>
    buildStatus({
      started,
      loop,
      xds,
      evidence: evidence.snapshot(nowMs()),
      loads: loads.snapshot(nowMs()),
      accesses: accesses.snapshot(nowMs()),
      rateLimits: limiter.counts(),
    });
  const metrics = createMetrics(() => ({ ...status(), evidenceDropped: evidence.dropped }));
  events.on("xds", (event: XdsEvent) => {
    if (event.kind === "connected") {
      const key = keyOf(event.node);
      evidence.expect(event.node.id, key, nowMs());
      if (key !== undefined && !event.resumes) loop.join(key);
    }
    if (event.kind === "acked" || event.kind === "nacked") automation.noteAnswer();
    if (event.kind === "canary") {
      const { canaries, ...told } = event;
      const entry = { ...told, canaries: [...canaries] };
      if (event.state === "held") {
        log.error(entry, "a change of intent is taken back");
        loop.takeBack(`${event.key}: ${event.held}`);
      } else {
        log.info(entry, "canary push");
        if (event.state === "passed") loop.settle();
      }
    } else if (event.kind === "withheld") {
      log.error({ ...toWithheldDocument(event, loop) }, "envoys are kept from what one refused");
    } else recordXds(event, { log, metrics });
    events.emit(event.kind, nowMs());
  });
  const signals = new SignalSources(ledger.signals, nowSeconds, log);
  const take = (intent: IntentState) => {
    takeIntent(intent, { log, metrics, loop });
    if (loop.policySet !== undefined) signals.setIntent(loop.policySet);
    limiter.setLimits(loop.effective?.rateLimits ?? []);
  };
  if (first.policySet !== undefined) automation.resume(first.policySet);
  take(first);

  const grpc = new Server(OWN_SERVER_OPTIONS);
  closers.add(() => grpc.forceShutdown());
  xds.addTo(grpc);
  addClientStatusService(grpc, { ...xds, authorizeAsker: rim.authorizeOperator });
  const onRefused = (refusal: Refusal) => {
    metrics.telemetry.countRefusedStream();
    log.warn({ ...refusal }, "telemetry stream refused");
  };
  const sink: MetricsServiceOptions["sink"] = {
    observe: (node, atMs, samples, histograms) => {
      evidence.observe(node, atMs, samples);
      counts.observe(node, { samples, histograms });
    },
  };
  const reporting = { nowMs, authorize: rim.authorizeReporter, onRefused };
  addMetricsService(grpc, { sink, ...reporting });
  addLoadStatsService(grpc, { sink: loads, ...reporting });
  addAccessLogService(grpc, { sink: accesses, ...reporting });
  const listener = await listenXds(grpc, options.xds, rim);
  closers.add(() => listener.stop());
  const method = rateLimitMethod({ limiter, isReady: () => loop.isReady, nowMs });
  const rateLimits = await startRateLimits(rim.answerTo(method), options.rateLimit, rim);
  closers.add(() => rateLimits.stop());
  const onError = (error: Error) => log.error({ err: error }, "http request failed");
  const watch = watchIntent(options.config, first, take);
  closers.add(() => watch.stop());
  const { credentials, assets } = operators;
  const audit = auditOf(memory.audit, () => loop.policySet?.digest ?? "");
  const parts: EngineParts = {
    keeper: memory.keeper,
    reader: memory.reader,
    policySet: () => loop.policySet,
    evidence: () => ledger.evidence(),
  };
  const api = await startApi({
    ...options.http,
    status,
    metrics,
    onError,
    ...{ credentials, assets, audit },
    model: engineModel(parts),
    commands: withIntent(engineCommands(parts), new IntentApplier(options.config, loop, watch)),
    signals: signals.intake,
  }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  closers.add(() => void api.stop());
  const ticking = setInterval(() => {
    loop.tick();
    void signals.tick(nowSeconds());
    void automation.tick().then(() => limiter.setLimits(loop.effective?.rateLimits ?? []));
  }, TICK_MS);
  closers.add(() => clearInterval(ticking));
  return {
    ports: { xds: listener.port, rateLimit: rateLimits.port, http: api.port },
    greeting: operators.greeting({ host: options.http.host, port: api.port }),
    status,
    nextEvent: async (kind) => Number((await once(events, kind))[0]),
    drain: () => {
      const streams = xds.status().reduce((sum, node) => sum + node.streams, 0);
      return xds.drain((1000 * streams) / MAX_STREAMS_PER_S);
    },
    stop: () => closers.close(),
  };
}

/** Changes of intent go to the folder, all else to the engine. */
function withIntent(engine: Commands, applier: IntentApplier): Commands {
  return {
    give: async (order) => {
      if (order.what.kind !== "apply") return engine.give(order);
      const answer = await applier.apply(order.what);
      if (!answer.ok) return answer;
      const { ok, ...intent } = answer;
      return { ok, intent };
    },
  };
}

type RecordedEvent = Exclude<XdsEvent, { kind: "withheld" | "canary" }>;

function recordXds(
  event: RecordedEvent,
  { log, metrics }: { log: Logger; metrics: Metrics },
): void {
  switch (event.kind) {
    case "connected":
      log.info({ node: event.node.id, key: event.key }, "envoy connected");
      return;
    case "disconnected":
      log.info({ node: event.nodeId }, "envoy disconnected");
      return;
    case "sent":
      metrics.xds.countPush(discoveryName(event.typeUrl));
      log.debug({ ...event }, "xds response sent");
      return;
    case "nacked":
      metrics.xds.countNack(discoveryName(event.typeUrl));
      log.warn({ ...event }, "envoy refused resources");
      return;
    case "refused":
      log.warn({ ...event }, "xds stream refused");
      return;
    default:
      log.debug({ ...event }, "xds event");
  }
}

function takeIntent(
  intent: IntentState,
  { log, metrics, loop }: { log: Logger; metrics: Metrics; loop: ControlLoop },
): void {
  metrics.intent.countLoad(intent.current ? "accepted" : "refused");
  for (const problem of intent.problems) {
    log[problem.severity === "error" ? "error" : "warn"]({ ...problem }, formatProblem(problem));
  }
  loop.setIntent(intent);
  if (loop.failure !== undefined) {
    log.error({ failure: loop.failure }, "intent could not be published");
  } else if (loop.held !== undefined) {
    log.error({ ...loop.held }, "intent is held: the last good set stays in force");
  } else if (intent.current) {
    log.info({ digest: intent.policySet?.digest }, "intent in force");
  } else {
    log.error({ files: intent.files }, "intent refused: the last good set stays in force");
  }
}

async function startRateLimits(
  answerTo: AnswerTo,
  { host, port }: Address,
  { doorkeeper }: Rim,
): Promise<UnaryServer> {
  const door = doorkeeper === undefined ? {} : { doorkeeper };
  try {
    return await startUnaryServer(answerTo, { host, port, ...door });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is in use" : `cannot be had (${code})`;
    throw new Failure(
      `rate-limit address ${host}:${port} ${why}: stop what holds it, or choose another with --rate-limit (port 0 takes a free one).`,
    );
  }
}

async function listenXds(
  server: Server,
  { host, port }: Address,
  { doorkeeper }: Rim,
): Promise<Listener> {
  try {
    // Where there is TLS it ends at the doorkeeper.
    return await listen(server, `${host}:${port}`, ServerCredentials.createInsecure(), doorkeeper);
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    const why =
      cause?.code === "EADDRINUSE" ? "is in use" : `cannot be had (${cause?.code ?? message})`;
    throw new Failure(
      `xDS address ${host}:${port} ${why}: stop what holds it, or choose another with --xds (port 0 takes a free one).`,
    );
  }
}
