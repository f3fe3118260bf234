import {
  type MethodDefinition,
  type Server,
  type ServerReadableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import type { Histogram, Sample } from "../evidence/source.ts";
import { loadService } from "../proto/service.ts";
import { type MetricsMessage, readMetricsMessage } from "./metrics-message.ts";
import type { AuthorizeReporter } from "./node-stream.ts";

/**
 * Envoy's metrics service: one client stream an Envoy, a message a flush, the node named in the first message only.
 * Counters come cumulative, so a lost report loses nothing. What does not parse ends its own stream with a reason;
 * Envoy opens a new one at its next flush. Of two streams that name one node the newest is believed, and the older is
 * ignored while that lives: ending it would make two Envoys of one id take turns.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/metrics/v3/metrics_service.proto
 */
export interface MetricsServiceOptions {
  readonly sink: {
    observe(
      node: string,
      nowMs: number,
      samples: readonly Sample[],
      histograms: readonly Histogram[],
    ): void;
  };
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly authorize?: AuthorizeReporter;
  /** A stream was ended for what it sent; `node`: if it had named one. */
  readonly onRefused?: (refusal: { readonly node?: string; readonly reason: string }) => void;
}

/** Bound of one message, to be set on the server: a report takes about 80 bytes a metric. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

type Call = ServerReadableStream<Buffer, object>;

export function addMetricsService(server: Server, options: MetricsServiceOptions): void {
  const newest = new Map<string, Call>();
  const { StreamMetrics } = loadService("envoy.service.metrics.v3.MetricsService");
  if (StreamMetrics === undefined) throw new Error("invariant: the metrics service has no method");
  const definition: MethodDefinition<Buffer, object> = {
    ...(StreamMetrics as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  server.addService(
    { StreamMetrics: definition },
    {
      StreamMetrics: (call: Call, done: sendUnaryData<object>) =>
        new MetricsStream(call, done, newest, options).read(),
    },
  );
}

class MetricsStream {
  #node: string | undefined;
  #isEnded = false;

  constructor(
    private readonly call: Call,
    private readonly done: sendUnaryData<object>,
    private readonly newest: Map<string, Call>,
    private readonly options: MetricsServiceOptions,
  ) {}

  read(): void {
    this.call.on("data", (bytes: Buffer) => this.#take(bytes));
    this.call.on("end", () => this.#end(() => this.done(null, {})));
    this.call.on("cancelled", () => this.#end());
    this.call.on("error", () => this.#end());
  }

  #take(bytes: Buffer): void {
    if (this.#isEnded) return;
    const message = parse(bytes);
    if (typeof message === "string") {
      this.#refuse(`the message is no StreamMetricsMessage: ${message}`);
      return;
    }
    if (this.#node === undefined) {
      if (message.node === undefined || message.node === "") {
        this.#refuse("the first message must name its node: identifier.node.id is empty");
        return;
      }
      const { sslPeerCertificate: certificate } = this.call.getAuthContext();
      const forbidden = this.options.authorize?.(message.node, certificate);
      if (forbidden !== undefined) {
        this.#refuse(forbidden, status.PERMISSION_DENIED);
        return;
      }
      this.#node = message.node;
      this.newest.set(this.#node, this.call);
    }
    if (!this.newest.has(this.#node)) this.newest.set(this.#node, this.call);
    if (this.newest.get(this.#node) !== this.call) return;
    this.options.sink.observe(
      this.#node,
      this.options.nowMs(),
      message.samples,
      message.histograms,
    );
  }

  #refuse(reason: string, code: status = status.INVALID_ARGUMENT): void {
    this.#end(() => this.done({ code, details: reason }));
    const node = this.#node;
    this.options.onRefused?.({ ...(node !== undefined && { node }), reason });
  }

  #end(answer: () => void = () => undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const node = this.#node;
    if (node !== undefined && this.newest.get(node) === this.call) this.newest.delete(node);
    answer();
  }
}

/** The message, or what is wrong with it. */
function parse(bytes: Buffer): MetricsMessage | string {
  try {
    return readMetricsMessage(bytes);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
