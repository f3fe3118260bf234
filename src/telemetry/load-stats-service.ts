import type { MethodDefinition, Server, ServerDuplexStream } from "@grpc/grpc-js";
import type { LoadReport, LocalityLoad } from "../evidence/load-reports.ts";
import { loadService } from "../proto/service.ts";
import { type AuthorizeReporter, type Refusal, readNodeStream } from "./node-stream.ts";

/**
 * Envoy's load reports: how many requests went where, by cluster and locality, since the report before. The server says
 * on each stream what it wants: all clusters, by locality and not by endpoint.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/load_stats/v3/lrs.proto
 */
export interface LoadStatsServiceOptions {
  readonly sink: { observe(node: string, nowMs: number, report: LoadReport): void };
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly authorize?: AuthorizeReporter;
  readonly onRefused?: (refusal: Refusal) => void;
}

const SERVICE = "envoy.service.load_stats.v3.LoadReportingService";

/** The pace of the metrics, so that what one says of a second the other says too. */
export const LOAD_REPORT_SECONDS = 1;

const WANTED = {
  send_all_clusters: true,
  load_reporting_interval: { seconds: LOAD_REPORT_SECONDS },
  report_endpoint_granularity: false,
};

export function addLoadStatsService(server: Server, options: LoadStatsServiceOptions): void {
  const { StreamLoadStats } = loadService(SERVICE);
  if (StreamLoadStats === undefined) throw new Error(`invariant: ${SERVICE} has no method`);
  const { requestDeserialize } = StreamLoadStats;
  const definition: MethodDefinition<Buffer, object> = {
    ...(StreamLoadStats as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  const { sink, nowMs, authorize, onRefused = () => undefined } = options;
  server.addService(
    { StreamLoadStats: definition },
    {
      StreamLoadStats: (call: ServerDuplexStream<Buffer, object>) =>
        readNodeStream(call, {
          parse: (bytes) => requestDeserialize(bytes) as LoadStatsRequest,
          nodeOf: ({ node }) => node?.id,
          field: "node.id",
          onNode: () => void call.write(WANTED),
          forbid: (node) => authorize?.(node, call.getAuthContext().sslPeerCertificate),
          take: (node, message) => sink.observe(node, nowMs(), toReport(message)),
          end: (error) => {
            if (error === undefined) call.end();
            else call.emit("error", error);
          },
          onRefused,
        }),
    },
  );
}

interface LoadStatsRequest {
  readonly node?: { readonly id: string } | null;
  readonly cluster_stats: readonly {
    readonly cluster_name: string;
    readonly upstream_locality_stats: readonly LocalityStats[];
    readonly load_report_interval?: { readonly seconds: unknown; readonly nanos: number } | null;
  }[];
}

interface LocalityStats {
  readonly locality?: { readonly region: string; readonly zone: string } | null;
  readonly total_issued_requests: unknown;
  readonly total_successful_requests: unknown;
  readonly total_error_requests: unknown;
  readonly total_requests_in_progress: unknown;
}

function toReport({ cluster_stats: stats }: LoadStatsRequest): LoadReport {
  const interval = stats.find((each) => each.load_report_interval)?.load_report_interval;
  return {
    intervalMs: interval ? count(interval.seconds) * 1000 + interval.nanos / 1e6 : 0,
    loads: stats.flatMap(({ cluster_name: cluster, upstream_locality_stats: localities }) =>
      localities.map((each) => toLoad(cluster, each)),
    ),
  };
}

function toLoad(cluster: string, stats: LocalityStats): LocalityLoad {
  return {
    cluster,
    region: stats.locality?.region ?? "",
    zone: stats.locality?.zone ?? "",
    issued: count(stats.total_issued_requests),
    succeeded: count(stats.total_successful_requests),
    failed: count(stats.total_error_requests),
    inflight: count(stats.total_requests_in_progress),
  };
}

/** 64-bit integers come as objects or as numbers. */
function count(value: unknown): number {
  return Number(String(value));
}
