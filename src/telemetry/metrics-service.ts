import type { Server, ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import { FILTER_PREFIX } from "../evidence/metric-name.ts";
import type { Sample } from "../evidence/store.ts";
import { loadService } from "../proto/service.ts";

/**
 * Envoy's metrics service: one client stream an Envoy, a message per flush, the node named in the first message only.
 * Counters come cumulative. Metrics that are not the filter's are skipped by name. A stream without a node is ended with
 * a reason; a message that does not parse ends its own stream only (gRPC's INTERNAL) and Envoy opens a new one.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/metrics/v3/metrics_service.proto
 */
export interface MetricsSink {
  /** One report of a node. */
  observe(node: string, nowMs: number, samples: readonly Sample[]): void;
}

export interface MetricsServiceOptions {
  readonly sink: MetricsSink;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

interface Metric {
  readonly counter?: { readonly value?: number } | null;
  readonly gauge?: { readonly value?: number } | null;
}

interface StreamMetricsMessage {
  readonly identifier?: { readonly node?: { readonly id?: string } | null } | null;
  readonly envoy_metrics?: readonly {
    readonly name?: string;
    readonly metric?: readonly Metric[];
  }[];
}

const SERVICE = "envoy.service.metrics.v3.MetricsService";
const INVALID_ARGUMENT = 3;

export function addMetricsService(server: Server, { sink, nowMs }: MetricsServiceOptions): void {
  /** The newest stream of a node is believed; an older one that still sends is ignored. */
  const newest = new Map<string, object>();
  const streamMetrics = (
    call: ServerReadableStream<object, object>,
    done: sendUnaryData<object>,
  ) => {
    let node: string | undefined;
    call.on("data", (message: StreamMetricsMessage) => {
      if (node === undefined) {
        node = message.identifier?.node?.id;
        if (node === undefined || node === "") {
          done({
            code: INVALID_ARGUMENT,
            details: "the first message must name its node: identifier.node.id is empty",
          });
          call.destroy();
          return;
        }
        newest.set(node, call);
      }
      if (newest.get(node) === call) sink.observe(node, nowMs(), toSamples(message));
    });
    const leave = () => {
      if (node !== undefined && newest.get(node) === call) newest.delete(node);
    };
    call.on("end", () => {
      leave();
      done(null, {});
    });
    call.on("error", leave);
    call.on("cancelled", leave);
  };
  server.addService(loadService(SERVICE), { StreamMetrics: streamMetrics });
}

export function toSamples(message: StreamMetricsMessage): Sample[] {
  return (message.envoy_metrics ?? []).flatMap(({ name = "", metric = [] }): Sample[] => {
    const [first] = metric;
    if (first === undefined || !name.startsWith(FILTER_PREFIX)) return [];
    if (first.counter) return [{ name, kind: "counter", value: first.counter.value ?? 0 }];
    if (first.gauge) return [{ name, kind: "gauge", value: first.gauge.value ?? 0 }];
    return [];
  });
}
