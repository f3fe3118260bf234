import { EventEmitter, once } from "node:events";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { RateLimiter } from "../adapters/rate-limiter.ts";
import type { StatusDocument } from "../api/status-document.ts";
import { ActionTracker } from "../control/action-progress.ts";
import { IntentApplier } from "../control/intent-apply.ts";
import { IntentHistory } from "../control/intent-history.ts";
import { watchIntent } from "../control/intent-source.ts";
import { finishWrite } from "../control/intent-writer.ts";
import { ControlLoop } from "../control/loop.ts";
import type { DecisionRecord } from "../decide/record.ts";
import { createLog } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { createXdsServer } from "../xds/server.ts";
import { openAlerts } from "./alerting.ts";
import { Automation, openMemory } from "./automation.ts";
import { openCapture } from "./capture.ts";
import type { ControlPlaneOptions } from "./control-plane-options.ts";
import { openOperatorApi, urlOf } from "./operator-api.ts";
import { filterWasmPath } from "./package-files.ts";
import { canaryOptions } from "./plane/canaries.ts";
import { nowMs, nowSeconds } from "./plane/clock.ts";
import { Closers } from "./plane/closers.ts";
import { openEnvoyPort } from "./plane/envoy-port.ts";
import { openHttpPort } from "./plane/http-port.ts";
import { IntentIntake, readFirstIntent } from "./plane/intent-intake.ts";
import { LoadedAt } from "./plane/loaded-at.ts";
import { declareMeasures } from "./plane/measure-metrics.ts";
import { openMeshIdentities } from "./plane/mesh-identities.ts";
import { Observations } from "./plane/observations.ts";
import { type Part, partsOf, tellEffective } from "./plane/parts.ts";
import { openRateLimitPort } from "./plane/rate-limit-port.ts";
import { spansTo } from "./plane/spans.ts";
import { followXds } from "./plane/xds-events.ts";
import { openRim } from "./rim.ts";
import { SignalSources } from "./signal-sources.ts";
import { buildStatus, keyOf } from "./status-source.ts";
import { telemetryDocument } from "./telemetry-document.ts";

/**
 * The composition root of the control plane: intent directory, loop, xDS server, telemetry, HTTP, wired by function
 * arguments. Used by `serve` and `up`, which own its lifetime. A port, a source or a sink has its own file in `plane`.
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

/** Envoys report once a second. */
const TICK_MS = 1000;

/** Twice the Envoys one process is measured with; who comes beyond tries again, and those there are do not suffer. */
const MAX_STREAMS = 20_000;

/** New xDS streams a second, and as many ended a second by a drain: 10,000 that come back at once are in after 5 s. */
const MAX_STREAMS_PER_S = 2000;

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
  const capture = options.capture === undefined ? undefined : openCapture(options.capture, log);
  closers.add(() => capture?.stop());
  const observations = new Observations({
    serviceOf: (cluster) => loop.sampledService(cluster),
    serviceOfRoute: (route) => loop.serviceOfRoute(route),
    actions: () => memory.keeper.actions,
    cohortsOf: (nodeId, service) => automation.cohortsOf(nodeId, service),
    shadows: () => automation.shadows(),
    ...(capture !== undefined && { tap: capture.event }),
  });
  const limiter = new RateLimiter();
  const signals = new SignalSources(observations.ledger.signals, nowSeconds, log);
  const loaded = new LoadedAt();
  const parts: Part[] = [loaded, ...partsOf({ signals, limiter, log })];
  await finishWrite(options.config).catch(() => undefined);
  const first = await readFirstIntent(options.config);
  const onRecords = (records: readonly DecisionRecord[]) => {
    for (const part of parts) part.onRecords?.(records);
  };
  const memory = await openMemory(options.data, log, onRecords, capture);
  closers.add(() => memory.close());
  const pages: { base: string | undefined } = { base: options.publicUrl };
  const alerts = await openAlerts({
    memory,
    outbound: options.outbound ?? [],
    pages,
    log,
    metrics: () => metrics,
  });
  parts.push(...alerts.parts);
  const history = new IntentHistory(memory.store);

  const heldSince = new Map<string, number>();
  const events = new EventEmitter();
  const xds = createXdsServer({
    nodeKey: (node) => {
      const role = keyOf(node);
      return role === undefined ? "" : loop.seatOf(role, node);
    },
    isReady: () => loop.isReady,
    maxStreams: MAX_STREAMS,
    maxStreamsPerS: MAX_STREAMS_PER_S,
    authorize: rim.authorizeNode,
    ...canaryOptions(options, () => observations.snapshot()),
    onEvent: (event) => {
      followXds(event, { loop, observations, automation, heldSince, log, metrics });
      events.emit(event.kind, nowMs());
    },
  });
  const identities = openMeshIdentities(options.certs, rim, { log, loop: () => loop });
  closers.add(() => identities?.stop());
  const loop: ControlLoop = new ControlLoop({
    sink: xds,
    filterWasm: filterWasmPath,
    evidence: () => observations.snapshot(),
    capacity: memory.capacity,
    onClustersChanged: observations.clustersChange,
    identityOf: (role) => identities?.of(role),
  });
  const { counts } = observations;
  const tracker = new ActionTracker({
    published: (key, typeUrl) => xds.getSnapshot(key)?.types.get(typeUrl)?.version,
    heardTick: (nodeId) => counts.heardTick(nodeId),
  });
  const automation: Automation = new Automation({
    memory,
    loop,
    log,
    evidence: (tick) => observations.before(tick),
    account: (accounts) => observations.ledger.account(accounts),
    nodesOf: (service) => counts.nodesOf(service),
    holders: () => xds.status(),
    tracker,
    onTurn: (seconds) => measures.noteTurn(seconds),
  });
  const started = new Date().toISOString();
  const status = () =>
    buildStatus({
      started,
      loadedAt: loaded.text,
      loop,
      xds,
      evidence: observations.snapshot(),
      loads: observations.loads.snapshot(nowMs()),
      accesses: observations.accesses.snapshot(nowMs()),
      rateLimits: limiter.counts(),
      telemetry: telemetryDocument(observations.ledger.evidence(), observations.ledger.refused),
    });
  const metrics = createMetrics(() => ({
    ...status(),
    evidenceDropped: observations.filters.dropped,
  }));
  const engine = {
    policySet: () => loop.policySet,
    evidence: () => observations.ledger.evidence(),
    failures: () => observations.ledger.failed.all(),
  };
  const measures = declareMeasures(metrics.registry, {
    ...engine,
    heldSince: () => {
      const known = new Set(xds.status().map(({ nodeId }) => nodeId));
      for (const node of heldSince.keys()) if (!known.has(node)) heldSince.delete(node);
      return heldSince;
    },
  });
  parts.push(measures.part);
  if (options.otlp !== undefined) parts.push(spansTo(options.otlp, log));
  const intake = new IntentIntake({
    ...{ history, loop, parts, log, metrics },
    isClosing: () => closers.isClosing,
  });
  if (first.policySet !== undefined) automation.resume(first.policySet);
  await intake.beginWithLast();
  intake.take(first);

  const envoys = await openEnvoyPort(
    options.xds,
    { xds, observations, otlp: signals.otlp, rim, log, metrics },
    closers,
  );
  const isReady = () => loop.isReady;
  const rateLimits = await openRateLimitPort(options.rateLimit, { limiter, rim, isReady }, closers);
  const intents = {
    list: () => history.list(),
    rollBack: (digest: string) => intake.rollBack(digest),
  };
  const watch = watchIntent(options.config, first, (intent) => intake.take(intent));
  closers.add(() => watch.stop());
  const intent = new IntentApplier(options.config, loop, watch);
  const api = await openHttpPort(
    options.http,
    {
      ...{ status, metrics, memory, xds, observations, intent, operators, signals, rim, log },
      engine: { ...engine, tracker, intents, alerts: alerts.keeper, runbooks: alerts.runbooks },
    },
    closers,
  );
  pages.base ??= urlOf({ host: options.http.host, port: api.port });
  const ticking = setInterval(() => {
    loop.tick();
    for (const part of parts) void part.tick?.(nowSeconds());
    void automation.tick().then(() => tellEffective(parts, loop));
  }, TICK_MS);
  closers.add(() => clearInterval(ticking));
  return {
    ports: { xds: envoys.port, rateLimit: rateLimits.port, http: api.port },
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
