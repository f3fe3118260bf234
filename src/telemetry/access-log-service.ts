import type { MethodDefinition, Server, ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import type { AccessSample } from "../evidence/access-samples.ts";
import { loadService } from "../proto/service.ts";
import { type AuthorizeReporter, type Refusal, readNodeStream } from "./node-stream.ts";

/**
 * Envoy's access log service, for the two samples of requests that the listeners log: a fair draw, which is evidence, and
 * failed requests, which lead to their traces. Paths and addresses of clients are not read. Entries of TCP connections are ignored.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/accesslog/v3/als.proto
 */
export interface AccessLogServiceOptions {
  /** Of the fair draw. */
  readonly sink: { observe(node: string, nowMs: number, samples: readonly AccessSample[]): void };
  /** Failed requests, of either log. */
  readonly onFailed?: (node: string, samples: readonly AccessSample[]) => void;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly authorize?: AuthorizeReporter;
  readonly onRefused?: (refusal: Refusal) => void;
}

/** `log_name` of the sample that is no fair draw. */
const FAILED_LOG = "qmesh_failed";

const SERVICE = "envoy.service.accesslog.v3.AccessLogService";

export function addAccessLogService(server: Server, options: AccessLogServiceOptions): void {
  const { StreamAccessLogs } = loadService(SERVICE);
  if (StreamAccessLogs === undefined) throw new Error(`invariant: ${SERVICE} has no method`);
  const { requestDeserialize } = StreamAccessLogs;
  const definition: MethodDefinition<Buffer, object> = {
    ...(StreamAccessLogs as MethodDefinition<Buffer, object>),
    requestDeserialize: (bytes) => bytes,
  };
  const { sink, onFailed, nowMs, authorize, onRefused = () => undefined } = options;
  // The name of a log comes with the first message of its stream.
  const take = () => {
    let isFailedLog = false;
    return (node: string, message: AccessLogMessage) => {
      isFailedLog ||= message.identifier?.log_name === FAILED_LOG;
      const samples = toSamples(message);
      if (!isFailedLog) sink.observe(node, nowMs(), samples);
      const failed = samples.filter(({ status }) => status === 0 || status >= 500);
      if (failed.length > 0) onFailed?.(node, failed);
    };
  };
  server.addService(
    { StreamAccessLogs: definition },
    {
      StreamAccessLogs: (call: ServerReadableStream<Buffer, object>, done: sendUnaryData<object>) =>
        readNodeStream(call, {
          parse: (bytes) => requestDeserialize(bytes) as AccessLogMessage,
          nodeOf: ({ identifier }) => identifier?.node?.id,
          field: "identifier.node.id",
          forbid: (node) => authorize?.(node, call.getAuthContext().sslPeerCertificate),
          take: take(),
          end: (error) => (error === undefined ? done(null, {}) : done(error)),
          onRefused,
        }),
    },
  );
}

interface AccessLogMessage {
  readonly identifier?: {
    readonly node?: { readonly id: string } | null;
    readonly log_name: string;
  } | null;
  readonly http_logs?: { readonly log_entry: readonly Entry[] } | null;
}

interface Entry {
  readonly common_properties?: {
    readonly upstream_cluster: string;
    readonly duration?: { readonly seconds: unknown; readonly nanos: number } | null;
    readonly upstream_remote_address?: {
      readonly socket_address?: { readonly address: string; readonly port_value: number } | null;
    } | null;
    readonly upstream_request_attempt_count: number;
    readonly route_name: string;
  } | null;
  readonly request?: {
    readonly request_id: string;
    readonly request_headers: Readonly<Record<string, string>>;
  } | null;
  readonly response?: {
    readonly response_code?: { readonly value: number } | null;
    readonly response_code_details: string;
  } | null;
}

function toSamples({ http_logs: logs }: AccessLogMessage): AccessSample[] {
  return (logs?.log_entry ?? []).map(({ common_properties: common, request, response }) => {
    const { socket_address: at } = common?.upstream_remote_address ?? {};
    const headers = request?.request_headers ?? {};
    const tier = headers[TIER_HEADER]?.split(";", 1)[0];
    return {
      cluster: common?.upstream_cluster ?? "",
      status: response?.response_code?.value ?? 0,
      ms: common?.duration
        ? Number(String(common.duration.seconds)) * 1000 + common.duration.nanos / 1e6
        : 0,
      endpoint: at ? `${at.address}:${at.port_value}` : "",
      tries: common?.upstream_request_attempt_count ?? 0,
      headers,
      ...(tier !== undefined && { tier }),
      requestId: request?.request_id ?? "",
      ...(common?.route_name && { route: common.route_name }),
      ...(response?.response_code_details === SHED_DETAILS && { isShed: true as const }),
    };
  });
}

/** What the filter calls its own answers. */
const SHED_DETAILS = "qmesh_shed";

/** `critical;17`: tier and cohort. */
const TIER_HEADER = "x-qmesh-tier";
