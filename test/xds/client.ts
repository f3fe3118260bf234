import type { MethodDefinition } from "@grpc/grpc-js";
import { Client, type ClientDuplexStream, credentials, type StatusObject } from "@grpc/grpc-js";
import { protoRoot } from "../../src/proto/bundle.ts";
import { loadService } from "../../src/proto/service.ts";

/**
 * A gRPC client that speaks xDS message by message, for tests over real sockets. It decodes with the published message
 * definitions, so what the server encodes by hand is read by something that did not write it.
 */
export const AGGREGATED = "envoy.service.discovery.v3.AggregatedDiscoveryService";

export interface AnyMessage {
  readonly type_url: string;
  readonly value: Uint8Array;
}

/** `resource` is absent in a heartbeat. */
export interface ResourceMessage<Body = AnyMessage | null> {
  readonly name: string;
  readonly version: string;
  readonly resource: Body;
  readonly ttl?: {
    readonly seconds: number | { toNumber(): number };
    readonly nanos: number;
  } | null;
}

export interface ResourceErrorMessage {
  readonly resource_name: { readonly name: string };
  readonly error_detail: { readonly code: number; readonly message: string };
}

export interface DeltaResponseMessage {
  readonly type_url: string;
  readonly nonce: string;
  readonly system_version_info: string;
  readonly resources: readonly ResourceMessage<AnyMessage>[];
  readonly removed_resources: readonly string[];
  readonly resource_errors: readonly ResourceErrorMessage[];
}

export interface SotwResponseMessage {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info: string;
  readonly resources: readonly AnyMessage[];
  readonly resource_errors: readonly ResourceErrorMessage[];
}

const WRAPPER = "envoy.service.discovery.v3.Resource";

/** State of the world carries resources bare, or in a wrapper that has room for a name and a time to live. */
export function unwrap(any: AnyMessage): ResourceMessage {
  if (!any.type_url.endsWith(WRAPPER)) return { name: "", version: "", resource: any };
  return protoRoot().lookupType(WRAPPER).decode(any.value) as unknown as ResourceMessage;
}

/** `StreamClusters`, `DeltaClusters` and so on. */
export function methodName(service: string, form: "delta" | "sotw"): string {
  const start = form === "delta" ? "Delta" : "Stream";
  const found = Object.keys(loadService(service)).find((name) => name.startsWith(start));
  if (found === undefined) throw new Error(`${service} has no ${start} method`);
  return found;
}

type Method = MethodDefinition<object, object>;

export class XdsClient {
  private readonly client: Client;

  constructor(port: number) {
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  delta(): TestStream<DeltaResponseMessage> {
    return this.open(AGGREGATED, "DeltaAggregatedResources");
  }

  sotw(): TestStream<SotwResponseMessage> {
    return this.open(AGGREGATED, "StreamAggregatedResources");
  }

  open<Response>(service: string, name: string): TestStream<Response> {
    const method = loadService(service)[name] as Method;
    const call = this.client.makeBidiStreamRequest(
      method.path,
      (message: object) => (Buffer.isBuffer(message) ? message : method.requestSerialize(message)),
      (bytes) => method.responseDeserialize(bytes) as Response,
    );
    return new TestStream(call);
  }

  close(): void {
    this.client.close();
  }
}

export class TestStream<Response> {
  private readonly received: Response[] = [];
  private readonly waiting: ((response: Response) => void)[] = [];
  readonly ended: Promise<StatusObject>;

  constructor(readonly call: ClientDuplexStream<object, Response>) {
    call.on("data", (response: Response) => {
      const next = this.waiting.shift();
      if (next === undefined) this.received.push(response);
      else next(response);
    });
    // The status event carries the same; without a listener the error would end the process.
    call.on("error", () => undefined);
    this.ended = new Promise((resolve) => call.on("status", resolve));
  }

  send(request: object): void {
    this.call.write(request);
  }

  next(): Promise<Response> {
    const first = this.received.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Responses that came and nobody has asked for. */
  get unread(): number {
    return this.received.length;
  }
}
