import type { MethodDefinition, Server, ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import type { AccessSample } from "../evidence/access-samples.ts";
import { loadService } from "../proto/service.ts";
import { type AuthorizeReporter, type Refusal, readNodeStream } from "./node-stream.ts";

/**
 * Envoy's access log service, for the sample of requests that the listeners log. Of an entry only cluster, status and
 * time are read: paths, addresses and headers are not kept. Entries of TCP connections are ignored.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/accesslog/v3/als.proto
 */
export interface AccessLogServiceOptions {
  readonly sink: { observe(node: string, nowMs: number, samples: readonly AccessSample[]): void };
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly authorize?: AuthorizeReporter;
  readonly onRefused?: (refusal: Refusal) => void;
}

const SERVICE = "envoy.service.accesslog.v3.AccessLogService";

export function addAccessLogService(server: Server, options: AccessLogServiceOptions): void {
  const { StreamAccessLogs } = loadService(SERVICE);
  if (StreamAccessLogs === undefined) throw new Error(`invariant: ${SERVICE} has no method`);
  const { requestDeserialize } = StreamAccessLogs;
  const definition: MethodDefinition<Buffer, object> = {
    ...(StreamAccessLogs as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  const { sink, nowMs, authorize, onRefused = () => undefined } = options;
  server.addService(
    { StreamAccessLogs: definition },
    {
      StreamAccessLogs: (call: ServerReadableStream<Buffer, object>, done: sendUnaryData<object>) =>
        readNodeStream(call, {
          parse: (bytes) => requestDeserialize(bytes) as AccessLogMessage,
          nodeOf: ({ identifier }) => identifier?.node?.id,
          field: "identifier.node.id",
          forbid: (node) => authorize?.(node, call.getAuthContext().sslPeerCertificate),
          take: (node, message) => sink.observe(node, nowMs(), toSamples(message)),
          end: (error) => (error === undefined ? done(null, {}) : done(error)),
          onRefused,
        }),
    },
  );
}

interface AccessLogMessage {
  readonly identifier?: { readonly node?: { readonly id: string } | null } | null;
  readonly http_logs?: { readonly log_entry: readonly Entry[] } | null;
}

interface Entry {
  readonly common_properties?: {
    readonly upstream_cluster: string;
    readonly duration?: { readonly seconds: unknown; readonly nanos: number } | null;
  } | null;
  readonly response?: { readonly response_code?: { readonly value: number } | null } | null;
}

function toSamples({ http_logs: logs }: AccessLogMessage): AccessSample[] {
  return (logs?.log_entry ?? []).map(({ common_properties: common, response }) => ({
    cluster: common?.upstream_cluster ?? "",
    status: response?.response_code?.value ?? 0,
    ms: common?.duration
      ? Number(String(common.duration.seconds)) * 1000 + common.duration.nanos / 1e6
      : 0,
  }));
}
