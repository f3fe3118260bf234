import { ServerCredentials } from "@grpc/grpc-js";
import { findResourceType } from "../../src/xds/resource-types.ts";
import { createXdsServer, type Snapshot, type XdsEvent } from "../../src/xds/server.ts";
import {
  AGGREGATED,
  type DeltaResponseMessage,
  methodName,
  type SotwResponseMessage,
  type TestStream,
  unwrap,
  XdsClient,
} from "./client.ts";
import { CountingServer } from "./counting-server.ts";
import {
  type Said,
  type ScriptRequest,
  type ScriptStatus,
  type Subject,
  WORDS,
} from "./scenario.ts";

/** Plays a script over a real socket, on the aggregated service or with a stream per type on the types' own services. */
export interface WireOptions {
  readonly form: "delta" | "sotw";
  readonly isAggregated: boolean;
}

type Response = DeltaResponseMessage | SotwResponseMessage;

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

export class WireSubject implements Subject {
  private readonly server = new CountingServer();
  private readonly timers = new Set<Timer>();
  private readonly streams = new Map<string, TestStream<Response>>();
  private readonly said: Said[] = [];
  private features: readonly string[] = [];
  private nowMs = 0;
  private sent = 0;
  private received = 0;
  private readonly xds = createXdsServer({
    nowMs: () => this.nowMs,
    schedule: (ms, fire) => this.plan({ atMs: this.nowMs + ms, fire }),
    onEvent: (event) => this.hear(event),
  });

  private constructor(
    private readonly options: WireOptions,
    private readonly connected: () => XdsClient,
  ) {}

  static async start(options: WireOptions): Promise<WireSubject> {
    let client: XdsClient | undefined;
    const subject = new WireSubject(options, () => client as XdsClient);
    client = new XdsClient(await subject.listen());
    return subject;
  }

  private listen(): Promise<number> {
    this.xds.addTo(this.server);
    return new Promise((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  client(features: readonly string[]): void {
    this.features = features;
  }

  async publish(snapshot: Snapshot): Promise<readonly Said[]> {
    this.xds.setSnapshot("edge-1", snapshot);
    // The fan-out brings it to the stream in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    return this.take();
  }

  tick(nowMs: number): Promise<readonly Said[]> {
    this.nowMs = nowMs;
    for (const timer of [...this.timers]) {
      if (timer.atMs > nowMs) continue;
      this.timers.delete(timer);
      timer.fire();
    }
    return this.take();
  }

  request(request: ScriptRequest): Promise<readonly Said[]> {
    const { typeUrl, nonce, error } = request;
    const isNew = !this.streams.has(this.streamKey(typeUrl));
    this.sent += 1;
    this.streamOf(typeUrl).send({
      type_url: typeUrl,
      response_nonce: nonce,
      ...(isNew && { node: { id: "edge-1", client_features: this.features } }),
      ...(error !== undefined && { error_detail: { code: 3, message: error } }),
      ...(this.options.form === "delta" ? deltaFields(request) : sotwFields(request)),
    });
    return this.take();
  }

  status(typeUrl: string): ScriptStatus | undefined {
    return this.xds.status()[0]?.types.find((each) => each.typeUrl === typeUrl);
  }

  async close(): Promise<void> {
    this.connected().close();
    this.server.forceShutdown();
  }

  private async take(): Promise<readonly Said[]> {
    await this.server.quiet(this.sent, () => this.received);
    return this.said.splice(0);
  }

  private streamKey(typeUrl: string): string {
    return this.options.isAggregated ? "" : typeUrl;
  }

  private streamOf(typeUrl: string): TestStream<Response> {
    const key = this.streamKey(typeUrl);
    const stream = this.streams.get(key) ?? this.open(typeUrl);
    this.streams.set(key, stream);
    return stream;
  }

  private open(typeUrl: string): TestStream<Response> {
    const { form, isAggregated } = this.options;
    const client = this.connected();
    const own = findResourceType(typeUrl)?.service ?? "";
    const service = isAggregated ? AGGREGATED : own;
    const stream = client.open<Response>(service, methodName(service, form));
    stream.call.on("data", (response: Response) => {
      this.received += 1;
      this.said.push(toSaid(response));
      this.server.moved();
    });
    return stream;
  }

  private plan(timer: Timer): () => void {
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  private hear(event: XdsEvent): void {
    if (event.kind === "unsupported-type") {
      this.said.push({ kind: "unsupported", typeUrl: event.typeUrl });
    }
  }
}

function deltaFields({ subscribe, unsubscribe, known }: ScriptRequest): object {
  return {
    resource_names_subscribe: subscribe,
    resource_names_unsubscribe: unsubscribe,
    initial_resource_versions: known,
  };
}

function sotwFields({ names, version }: ScriptRequest): object {
  return { resource_names: names, version_info: version };
}

function toSaid(response: Response): Said {
  const { type_url: typeUrl, nonce, resource_errors } = response;
  const wrapped = "version_info" in response ? response.resources.map(unwrap) : response.resources;
  const removed = "version_info" in response ? [] : response.removed_resources;
  const words = wrapped.map(({ name, resource, ttl }) => {
    const ttlMs = ttl ? Number(ttl.seconds) * 1000 + ttl.nanos / 1e6 : undefined;
    return resource ? WORDS.resource(resource.value, ttlMs) : WORDS.heartbeat(name, ttlMs ?? 0);
  });
  const bodies = words.filter((word) => !word.startsWith("~"));
  const heartbeats = words.filter((word) => word.startsWith("~"));
  const errors = resource_errors.map(({ resource_name, error_detail }) =>
    WORDS.error(resource_name.name, error_detail.message),
  );
  return {
    kind: "response",
    typeUrl,
    nonce,
    words: [...bodies, ...removed.map(WORDS.removed), ...errors, ...heartbeats],
  };
}
