import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

/**
 * Build step: closes over the `.proto` files the program uses and writes them as one JSON bundle, so that start-up
 * parses no proto text. Envoy's files come from the development dependency `@grpc/grpc-js-xds`, ours from `proto/`.
 * Run as `node dist/src/proto/build-bundle.js`.
 */
const ROOT_FILES = [
  "envoy/service/discovery/v3/ads.proto",
  "envoy/service/cluster/v3/cds.proto",
  "envoy/service/endpoint/v3/eds.proto",
  "envoy/service/listener/v3/lds.proto",
  "envoy/service/route/v3/rds.proto",
  "envoy/service/route/v3/srds.proto",
  "envoy/service/extension/v3/config_discovery.proto",
  "envoy/service/secret/v3/sds.proto",
  "envoy/service/runtime/v3/rtds.proto",
  "envoy/service/metrics/v3/metrics_service.proto",
  "envoy/service/ratelimit/v3/rls.proto",
  "envoy/service/load_stats/v3/lrs.proto",
  "envoy/service/status/v3/csds.proto",
  "envoy/service/accesslog/v3/als.proto",
  "envoy/extensions/access_loggers/grpc/v3/als.proto",
  "envoy/config/bootstrap/v3/bootstrap.proto",
  "envoy/config/metrics/v3/metrics_service.proto",
  "envoy/config/listener/v3/listener.proto",
  "envoy/config/route/v3/route.proto",
  "envoy/config/cluster/v3/cluster.proto",
  "envoy/config/endpoint/v3/endpoint.proto",
  "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
  "envoy/extensions/filters/http/router/v3/router.proto",
  "envoy/extensions/filters/http/wasm/v3/wasm.proto",
  "envoy/extensions/filters/http/adaptive_concurrency/v3/adaptive_concurrency.proto",
  "envoy/extensions/filters/http/admission_control/v3/admission_control.proto",
  "envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit.proto",
  "envoy/extensions/filters/http/ratelimit/v3/rate_limit.proto",
  "envoy/extensions/filters/http/cors/v3/cors.proto",
  "envoy/extensions/filters/http/rbac/v3/rbac.proto",
  "envoy/extensions/filters/http/jwt_authn/v3/config.proto",
  "envoy/extensions/filters/http/fault/v3/fault.proto",
  "envoy/extensions/rate_limit_descriptors/expr/v3/expr.proto",
  "envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.proto",
  "envoy/extensions/load_balancing_policies/least_request/v3/least_request.proto",
  "envoy/extensions/transport_sockets/tls/v3/tls.proto",
  "envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.proto",
  "envoy/extensions/upstreams/http/v3/http_protocol_options.proto",
  "envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.proto",
  "google/rpc/status.proto",
  "io/prometheus/client/metrics.proto",
  "opentelemetry/proto/collector/metrics/v1/metrics_service.proto",
  "qmesh/filter/v1/filter_config.proto",
];

/** Files that only define options; a bundle without options does not need them. */
const OPTION_FILES =
  /^(validate\/|udpa\/annotations\/|xds\/annotations\/|envoy\/annotations\/|google\/api\/(?!expr\/)|google\/protobuf\/descriptor\.proto)/;

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "../../..");

function searchPath(): string[] {
  const require = createRequire(import.meta.url);
  const deps = join(dirname(require.resolve("@grpc/grpc-js-xds/package.json")), "deps");
  return [
    join(projectRoot, "proto"),
    ...["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => join(deps, name)),
  ];
}

function stripOptions(json: unknown): void {
  if (json === null || typeof json !== "object") return;
  const node = json as Record<string, unknown>;
  delete node.comment;
  if (typeof node.options === "object" && node.options !== null) {
    const { packed } = node.options as { packed?: boolean };
    if (packed === undefined) delete node.options;
    else node.options = { packed };
  }
  for (const child of Object.values(node)) stripOptions(child);
}

function buildBundle(): void {
  const folders = searchPath();
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    if (OPTION_FILES.test(target)) return null;
    return folders.map((folder) => join(folder, target)).find((path) => existsSync(path)) ?? target;
  };
  root.loadSync(ROOT_FILES, { keepCase: true });
  root.resolveAll();
  const json: unknown = root.toJSON();
  stripOptions(json);
  const text = JSON.stringify(json);
  const out = join(projectRoot, "build/protos.json");
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
  process.stderr.write(
    `protos: ${ROOT_FILES.length} roots, ${Math.round(text.length / 1024)} KiB\n`,
  );
}

buildBundle();
