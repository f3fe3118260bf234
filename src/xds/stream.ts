import type { PeerCertificate } from "node:tls";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { SnapshotCache } from "./cache.ts";
import type { StreamRequest, XdsResponse } from "./discovery.ts";
import type { XdsEvent } from "./event.ts";
import { cutStream, dropReadBytes } from "./grpc-call.ts";
import type { Action, StreamMachine } from "./machine.ts";
import { type NodeMessage, toNode, type XdsNode } from "./node.ts";
import type { NodeStatusTable, StreamIdentity } from "./node-status.ts";
import type { OpenStreams } from "./open-streams.ts";
import { Outbox, STALL_LIMIT_MS } from "./outbox.ts";
import { type Refusal, toStatusObject } from "./refusal.ts";
import type { Schedule } from "./schedule.ts";
import { Seat } from "./seat.ts";
import type { ResourceRef } from "./snapshot.ts";

/**
 * The life of one gRPC stream: requests in, machine, responses out, and everything it holds released when it ends,
 * whichever way. It holds order and lifetime, never a rule of the protocol.
 *
 * A client that does not read is not read either (`outbox.ts`), and ended after a while.
 */
export interface StreamContext {
  readonly cache: SnapshotCache;
  readonly status: NodeStatusTable;
  readonly open: OpenStreams;
  readonly nodeKey: (node: XdsNode) => string;
  readonly isReady: () => boolean;
  readonly authorize: Authorize | undefined;
  readonly nowMs: () => number;
  readonly schedule: Schedule;
  readonly emit: (event: XdsEvent) => void;
}

/** Why a peer of this certificate may not be this node; undefined if it may. */
export type Authorize = (
  node: XdsNode,
  certificate: PeerCertificate | undefined,
) => string | undefined;

/** How the bytes of one kind of service are read and written. */
export interface Dialect<Request extends StreamRequest> {
  /** Throws on bytes that are not a request. */
  decode(bytes: Buffer): { readonly node: NodeMessage | undefined; readonly request: Request };
  encode(response: XdsResponse): Buffer;
  createMachine(): StreamMachine<Request>;
  /** The type of a separate service; absent on the aggregated one. */
  readonly typeUrl?: string | undefined;
}

export type RawCall = ServerDuplexStream<Buffer, Buffer>;

export class XdsStream<Request extends StreamRequest> {
  private readonly machine: StreamMachine<Request>;
  private readonly outbox = new Outbox();
  private identity: StreamIdentity | undefined;
  private seat: Seat | undefined;
  private stopWatching: (() => void) | undefined;
  private planned: { readonly atMs: number; readonly cancel: () => void } | undefined;
  private isClosed = false;

  constructor(
    private readonly streamId: number,
    private readonly call: RawCall,
    private readonly dialect: Dialect<Request>,
    private readonly context: StreamContext,
  ) {
    this.machine = dialect.createMachine();
  }

  start(): void {
    const refusal = this.refusalAtStart();
    if (refusal !== undefined) {
      this.end(refusal);
      return;
    }
    this.call.on("data", (bytes: Buffer) => this.receive(bytes));
    this.call.on("end", () => {
      this.close();
      this.call.end();
    });
    this.call.on("cancelled", () => this.close());
    this.call.on("close", () => this.close());
    this.call.on("error", () => this.close());
  }

  private refusalAtStart(): Refusal | undefined {
    const { isReady, open, nowMs } = this.context;
    if (!isReady()) return { code: "UNAVAILABLE", details: "the sources are not loaded yet" };
    return open.enter(this, nowMs());
  }

  private receive(bytes: Buffer): void {
    if (this.isClosed) return;
    const decoded = this.decode(bytes);
    if (decoded === undefined) {
      this.end({ code: "INVALID_ARGUMENT", details: "the request is not a discovery request" });
      return;
    }
    const request = this.withType(decoded.request);
    if (request === undefined || !this.identify(decoded.node, request)) return;
    const { nowMs } = this.context;
    // What was withheld a moment ago must not go out before the fan-out comes by.
    const actions = this.seat?.isKeptBack ? this.aim() : [];
    this.act([...actions, ...this.machine.step({ kind: "request", nowMs: nowMs(), request })]);
  }

  /** Turns the machine to the newest there is for this stream. */
  private aim(): readonly Action[] {
    const snapshot = this.seat?.snapshot;
    if (snapshot === undefined) return [];
    return this.machine.step({ kind: "snapshot", nowMs: this.context.nowMs(), snapshot });
  }

  /** The node counts in the first request only, where it is tens of kilobytes. */
  private decode(bytes: Buffer): { node: XdsNode | undefined; request: Request } | undefined {
    try {
      const { node, request } = this.dialect.decode(bytes);
      return { node: this.identity === undefined ? toNode(node ?? {}) : undefined, request };
    } catch {
      // Whatever a decoder throws at a peer's bytes, even for want of stack, the answer is the same.
      return undefined;
    }
  }

  private withType(request: Request): Request | undefined {
    const own = this.dialect.typeUrl;
    if (own === undefined && request.typeUrl === "") {
      this.end({ code: "INVALID_ARGUMENT", details: "type_url is required on this service" });
      return undefined;
    }
    if (own !== undefined && request.typeUrl !== "" && request.typeUrl !== own) {
      const details = `this service carries ${own}, not ${request.typeUrl}`;
      this.end({ code: "INVALID_ARGUMENT", details });
      return undefined;
    }
    return own === undefined ? request : { ...request, typeUrl: own };
  }

  /** The first request says who the client is; later ones inherit it. */
  private identify(node: XdsNode | undefined, { resumes = false }: Request): boolean {
    if (this.identity !== undefined) return true;
    const { context } = this;
    if (node === undefined || node.id === "") {
      this.end({ code: "INVALID_ARGUMENT", details: "the first request must carry node.id" });
      return false;
    }
    const forbidden = context.authorize?.(node, this.call.getAuthContext().sslPeerCertificate);
    if (forbidden !== undefined) {
      this.end({ code: "PERMISSION_DENIED", details: forbidden });
      return false;
    }
    dropReadBytes(this.call);
    const key = context.nodeKey(node);
    this.identity = { streamId: this.streamId, key, node };
    context.status.connect(this.identity, context.nowMs());
    context.emit({ kind: "connected", streamId: this.streamId, key, node, resumes });
    this.machine.step({ kind: "client", features: node.clientFeatures });
    this.sit(this.identity);
    return true;
  }

  /** The node may be given another snapshot than the one it was: what differs is sent, as ever. */
  regroup(): void {
    const { identity, context } = this;
    if (this.isClosed || identity === undefined) return;
    const key = context.nodeKey(identity.node);
    if (key === identity.key) return;
    this.stopWatching?.();
    this.seat?.leave();
    this.identity = { ...identity, key };
    context.status.connect(this.identity, context.nowMs());
    this.sit(this.identity);
  }

  private sit(identity: StreamIdentity): void {
    const { context } = this;
    this.seat = new Seat(identity, context);
    const publish = () => this.act(this.aim());
    const wants = (resource: ResourceRef) => this.machine.wants(resource);
    this.stopWatching = context.cache.watch(
      identity.key,
      { nodeId: identity.node.id, wants },
      publish,
    );
    publish();
  }

  private act(actions: readonly Action[]): void {
    const { identity, seat, context } = this;
    if (this.isClosed || identity === undefined || seat === undefined) return;
    // All is written before anyone is told: a listener may publish, and that must not overtake the rest of this step.
    const events: XdsEvent[] = [];
    for (const action of actions) {
      if (action.kind === "send") events.push(this.write(action.response, identity.node.id));
      else events.push(...seat.tell(action));
    }
    this.planWake();
    for (const event of events) context.emit(event);
    context.status.report(identity, seat.correct(this.machine.reports()));
  }

  private write(response: XdsResponse, nodeId: string): XdsEvent {
    const bytes = this.dialect.encode(response);
    this.outbox.put(bytes.length, this.context.nowMs());
    this.call.write(bytes, () => this.hasLeft(bytes.length));
    if (this.outbox.isFull) this.call.pause();
    const { typeUrl, version, resources, removed } = response;
    return {
      kind: "sent",
      nodeId,
      typeUrl,
      version,
      resources: resources.length,
      removed: removed.length,
      bytes: bytes.length,
    };
  }

  private hasLeft(bytes: number): void {
    this.outbox.left(bytes, this.context.nowMs());
    if (!this.outbox.isFull && this.call.isPaused()) this.call.resume();
  }

  /** A timer that fires too early costs one look; moving it with every message would cost more. */
  private planWake(): void {
    const { wakeAtMs = Number.POSITIVE_INFINITY } = this.machine;
    const soonest = Math.min(wakeAtMs, this.outbox.stalledAtMs ?? Number.POSITIVE_INFINITY);
    if (soonest >= (this.planned?.atMs ?? Number.POSITIVE_INFINITY)) return;
    this.planned?.cancel();
    const { nowMs, schedule } = this.context;
    const cancel = schedule(Math.max(1, soonest - nowMs()), () => {
      this.planned = undefined;
      this.wake(nowMs());
    });
    this.planned = { atMs: soonest, cancel };
  }

  private wake(nowMs: number): void {
    const { stalledAtMs = Number.POSITIVE_INFINITY, size } = this.outbox;
    if (nowMs < stalledAtMs) {
      this.act(this.machine.step({ kind: "tick", nowMs }));
      return;
    }
    const seconds = STALL_LIMIT_MS / 1000;
    this.end({ code: "UNAVAILABLE", details: `${size} bytes waited ${seconds} s to be read` });
  }

  /** Ends the stream for a reason of the server's. */
  end(refusal: Refusal): void {
    if (this.isClosed) return;
    this.close();
    this.context.emit({ kind: "refused", streamId: this.streamId, refusal });
    this.call.emit("error", toStatusObject(refusal));
    // The status goes behind all that was written.
    if (this.outbox.size > 0) this.context.schedule(END_GRACE_MS, () => this.cut());
  }

  private cut(): void {
    if (this.outbox.size > 0) cutStream(this.call);
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopWatching?.();
    this.planned?.cancel();
    this.context.open.leave(this);
    if (this.identity === undefined) return;
    this.seat?.leave();
    this.context.status.disconnect(this.identity, this.context.nowMs());
    this.context.emit({
      kind: "disconnected",
      streamId: this.streamId,
      nodeId: this.identity.node.id,
    });
  }
}

/** How long a client has to read what was written before the stream was ended. */
const END_GRACE_MS = 1000;
