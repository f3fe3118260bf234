import { performance } from "node:perf_hooks";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { bindServices } from "./ads.ts";
import { SnapshotCache, type WithheldFrom } from "./cache.ts";
import { Canaries, type Publication } from "./canaries.ts";
import type { XdsEvent } from "./event.ts";
import { FanOut } from "./fan-out.ts";
import { type Listener, listen } from "./listener.ts";
import type { XdsNode } from "./node.ts";
import { type NodeStatus, NodeStatusTable, type StatusChange } from "./node-status.ts";
import { type AdmissionLimits, OpenStreams } from "./open-streams.ts";
import type { Schedule } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Authorize } from "./stream.ts";
import type { CanaryOptions, CanaryTrial } from "./trial.ts";

export { encodeJson } from "../proto/encode-json.ts";
export type { WithheldFrom } from "./cache.ts";
export type { Publication, Spread } from "./canaries.ts";
export { addClientStatusService, type ClientStatusSource } from "./client-status.ts";
export type { XdsEvent } from "./event.ts";
export type { XdsNode } from "./node.ts";
export type { NodeStatus, StatusChange, SyncState, TypeStatus } from "./node-status.ts";
export type { Schedule } from "./schedule.ts";
export {
  createSnapshot,
  type Resource,
  type ResourceError,
  type ResourceRef,
  type Snapshot,
  type SnapshotOptions,
} from "./snapshot.ts";
export type { CanaryOptions, CanaryTrial } from "./trial.ts";

/**
 * The library's face: an xDS management server that carries any resources to any client, in all four variants of the
 * protocol. Publish a snapshot per node key, and every stream of such a node gets the difference; what it accepted or
 * refused is in `status()`. This is also the rim of the folder: the only place with a clock, timers and sockets.
 */
export interface XdsServerOptions extends AdmissionLimits {
  /** Which snapshot a node gets; its id unless told otherwise. */
  readonly nodeKey?: (node: XdsNode) => string;
  /** While false, streams are refused with UNAVAILABLE, so that a client never takes "not loaded" for "empty". */
  readonly isReady?: () => boolean;
  /** Asked once a stream, when its node has said who it is; what it returns ends the stream as PERMISSION_DENIED. */
  readonly authorize?: Authorize;
  /** One type of one node changed its state. */
  readonly onStatus?: (change: StatusChange) => void;
  /** Everything worth a log line or a counter. */
  readonly onEvent?: (event: XdsEvent) => void;
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
  readonly schedule?: Schedule;
  readonly credentials?: ServerCredentials;
  /** Give a change to some nodes of a key first; absent: to all at once. */
  readonly canary?: CanaryOptions;
}

export interface XdsServer {
  /** Publishes: every stream of the key's nodes gets the difference, a slice of them at a time. */
  setSnapshot(key: string, snapshot: Snapshot, how?: Publication): void;
  /** Changes that only canaries have, tried or held. */
  canaries(): readonly CanaryTrial[];
  getSnapshot(key: string): Snapshot | undefined;
  /** `nodeKey` answers differently from now on: streams whose key changed get that one's snapshot. */
  regroup(): void;
  /** Nodes that hold it keep it. */
  deleteSnapshot(key: string): boolean;
  status(): readonly NodeStatus[];
  /** What nodes are kept from because one of their key refused it; they hold, or get, the last that was accepted. */
  withheld(): readonly WithheldFrom[];
  /** Drops a node from `status()`; false while it is connected. */
  forgetNode(nodeId: string): boolean;
  /** Adds all discovery services to a server of the caller's. */
  addTo(server: Server): void;
  /** Listens on `host:port` (port 0 takes a free one) and returns the port. */
  listen(address: string): Promise<number>;
  /**
   * Refuses new streams with UNAVAILABLE and ends the open ones evenly over `overMs`, 0 for at once. A server of its own
   * says GOAWAY first and is stopped when this resolves; one of the caller's is the caller's to shut down.
   */
  drain(overMs: number): Promise<void>;
  /** Ends every stream and releases the port that `listen` took. */
  stop(): void;
}

/** Envoy's first request carries its whole list of extensions. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** For a gRPC server of the caller's that `addTo` is used on. */
export const SERVER_OPTIONS = {
  "grpc.max_receive_message_length": MAX_REQUEST_BYTES,
  // A snapshot in state of the world may be larger than gRPC's default of 4 MiB.
  "grpc.max_send_message_length": -1,
  // A peer that vanished without a word is noticed within 40 s; below 30 s some proxies call it an attack.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/**
 * Without gRPC's bookkeeping of calls and sockets, which nothing here asks for. Its `forceShutdown` then no longer finds
 * the open connections, so this is only for a server whose listener cuts them.
 */
export const OWN_SERVER_OPTIONS = { ...SERVER_OPTIONS, "grpc.enable_channelz": 0 };

export function createXdsServer(options: XdsServerOptions = {}): XdsServer {
  const nowMs = options.nowMs ?? (() => performance.now());
  const cache = new SnapshotCache(
    new FanOut({ nowMs: () => performance.now(), defer: setImmediate }),
  );
  const status = new NodeStatusTable(options.onStatus ?? (() => undefined));
  const open = new OpenStreams(options);
  const schedule = options.schedule ?? scheduleTimer;
  const emit = options.onEvent ?? (() => undefined);
  const canaries = new Canaries(options.canary, { cache, status, nowMs, schedule, emit });
  const services = bindServices({
    cache,
    status,
    open,
    nodeKey: options.nodeKey ?? ((node) => node.id),
    isReady: options.isReady ?? (() => true),
    authorize: options.authorize,
    nowMs,
    schedule,
    emit,
  });
  const addTo = (server: Server): void => {
    for (const { definition, handlers } of services) server.addService(definition, handlers);
  };
  let own: Server | undefined;
  let listener: Listener | undefined;
  return {
    setSnapshot: (key, snapshot, how = {}) => canaries.publish(key, snapshot, how),
    canaries: () => canaries.list(),
    regroup: () => open.regroup(),
    getSnapshot: (key) => cache.get(key),
    deleteSnapshot: (key) => {
      canaries.drop(key);
      return cache.delete(key);
    },
    status: () => status.list(),
    withheld: () => cache.withheld,
    forgetNode: (nodeId) => status.forget(nodeId),
    addTo,
    async listen(address) {
      own = new Server(OWN_SERVER_OPTIONS);
      addTo(own);
      const credentials = options.credentials ?? ServerCredentials.createInsecure();
      listener = await listen(own, address, credentials);
      return listener.port;
    },
    stop() {
      listener?.stop();
      own?.forceShutdown();
    },
    async drain(overMs) {
      const isShutDown = own === undefined ? undefined : shutDown(own, listener);
      await open.drain(overMs, schedule);
      await isShutDown;
    },
  };
}

/** Resolves when the last stream of the last connection has ended. */
function shutDown(server: Server, listener: Listener | undefined): Promise<void> {
  listener?.close();
  return new Promise((resolve, reject) => {
    server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
  });
}

function scheduleTimer(ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
