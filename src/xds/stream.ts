import type { PeerCertificate } from "node:tls";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { SnapshotCache } from "./cache.ts";
import type { Action, StreamMachine, StreamRequest, XdsResponse } from "./machine.ts";
import { type NodeMessage, toNode, type XdsNode } from "./node.ts";
import type { NodeStatusTable, StreamIdentity } from "./node-status.ts";
import type { OpenStreams } from "./open-streams.ts";
import { type Refusal, toStatusObject } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * The life of one gRPC stream: requests in, machine, responses out, and everything it holds released when it ends,
 * whichever way. It holds order and lifetime, never a rule of the protocol.
 *
 * A client that does not read is bounded by the machine: at most one unanswered response per type is ever written, so
 * what can wait in the stream's buffers is one response for each of the eight types.
 */
export type XdsEvent =
  | {
      readonly kind: "connected";
      readonly streamId: number;
      readonly key: string;
      readonly node: XdsNode;
      /** It holds resources from an earlier stream, so it has not just been started. */
      readonly resumes: boolean;
    }
  | { readonly kind: "disconnected"; readonly streamId: number; readonly nodeId: string }
  | {
      readonly kind: "sent";
      readonly nodeId: string;
      readonly typeUrl: string;
      readonly version: string;
      readonly resources: number;
      readonly removed: number;
      readonly bytes: number;
    }
  | ({ readonly nodeId: string } & Exclude<Action, { kind: "send" }>)
  | { readonly kind: "refused"; readonly streamId: number; readonly refusal: Refusal };

/** Runs `fire` after `ms` unless the returned function is called before. */
export type Schedule = (ms: number, fire: () => void) => () => void;

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
  private identity: StreamIdentity | undefined;
  private stopWatching: (() => void) | undefined;
  private cancelWake: (() => void) | undefined;
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
    this.act(this.machine.step({ kind: "request", nowMs: this.context.nowMs(), request }));
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
    const key = context.nodeKey(node);
    this.identity = { streamId: this.streamId, key, node };
    context.status.connect(this.identity, context.nowMs());
    context.emit({ kind: "connected", streamId: this.streamId, key, node, resumes });
    this.machine.step({ kind: "client", features: node.clientFeatures });
    this.follow(key);
    return true;
  }

  private follow(key: string): void {
    const { cache, nowMs } = this.context;
    const publish = (snapshot: Snapshot) =>
      this.act(this.machine.step({ kind: "snapshot", nowMs: nowMs(), snapshot }));
    this.stopWatching = cache.watch(key, publish);
    const current = cache.get(key);
    if (current !== undefined) publish(current);
  }

  private act(actions: readonly Action[]): void {
    const { identity, context } = this;
    if (this.isClosed || identity === undefined) return;
    const nodeId = identity.node.id;
    // All is written before anyone is told: a listener may publish, and that must not overtake the rest of this step.
    const events = actions.map((action) =>
      action.kind === "send" ? this.write(action.response, nodeId) : { nodeId, ...action },
    );
    this.planWake();
    for (const event of events) context.emit(event);
    context.status.report(identity, this.machine.reports());
  }

  private write(response: XdsResponse, nodeId: string): XdsEvent {
    const bytes = this.dialect.encode(response);
    this.call.write(bytes);
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

  private planWake(): void {
    this.cancelWake?.();
    this.cancelWake = undefined;
    const { wakeAtMs } = this.machine;
    if (wakeAtMs === undefined) return;
    const { nowMs, schedule } = this.context;
    this.cancelWake = schedule(Math.max(1, wakeAtMs - nowMs()), () =>
      this.act(this.machine.step({ kind: "tick", nowMs: nowMs() })),
    );
  }

  /** Ends the stream for a reason of the server's. */
  end(refusal: Refusal): void {
    if (this.isClosed) return;
    this.close();
    this.context.emit({ kind: "refused", streamId: this.streamId, refusal });
    this.call.emit("error", toStatusObject(refusal));
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopWatching?.();
    this.cancelWake?.();
    this.context.open.leave(this);
    if (this.identity === undefined) return;
    this.context.status.disconnect(this.identity, this.context.nowMs());
    this.context.emit({
      kind: "disconnected",
      streamId: this.streamId,
      nodeId: this.identity.node.id,
    });
  }
}
