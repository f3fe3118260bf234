import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { Metrics } from "../../metrics.ts";
import { addAccessLogService } from "../../telemetry/access-log-service.ts";
import { addLoadStatsService } from "../../telemetry/load-stats-service.ts";
import { addMetricsService } from "../../telemetry/metrics-service.ts";
import type { Refusal } from "../../telemetry/node-stream.ts";
import type { OtlpIntake } from "../../telemetry/otlp-intake.ts";
import { addOtlpService } from "../../telemetry/otlp-service.ts";
import { addClientStatusService } from "../../xds/client-status.ts";
import { type Listener, listen } from "../../xds/listener.ts";
import { OWN_SERVER_OPTIONS, type XdsServer } from "../../xds/server.ts";
import type { Address } from "../address.ts";
import { Failure } from "../exit-code.ts";
import type { Rim } from "../rim.ts";
import { nowMs } from "./clock.ts";
import type { Closers } from "./closers.ts";
import type { Observations } from "./observations.ts";

/** The port Envoys connect to: resources out, and all that Envoys report of themselves in. One line a service. */
export async function openEnvoyPort(
  address: Address,
  parts: {
    readonly xds: XdsServer;
    readonly observations: Observations;
    readonly otlp: Pick<OtlpIntake, "take">;
    readonly rim: Rim;
    readonly log: Logger;
    readonly metrics: Metrics;
  },
  closers: Closers,
): Promise<Listener> {
  const { xds, observations, otlp, rim, log, metrics } = parts;
  const server = new Server(OWN_SERVER_OPTIONS);
  closers.add(() => server.forceShutdown());
  xds.addTo(server);
  addClientStatusService(server, { ...xds, authorizeAsker: rim.authorizeOperator });
  const onRefused = (refusal: Refusal) => {
    metrics.telemetry.countRefusedStream();
    log.warn({ ...refusal }, "telemetry stream refused");
  };
  const reporting = { nowMs, authorize: rim.authorizeReporter, onRefused };
  addMetricsService(server, { sink: observations.metrics, ...reporting });
  addLoadStatsService(server, { sink: observations.loadSink, ...reporting });
  const logs = { sink: observations.accessSink, onFailed: observations.noteFailed };
  addAccessLogService(server, { ...logs, ...reporting });
  addOtlpService(server, { intake: otlp, onRefused });
  const listener = await listenXds(server, address, rim);
  closers.add(() => listener.stop());
  return listener;
}

async function listenXds(
  server: Server,
  { host, port }: Address,
  { doorkeeper }: Rim,
): Promise<Listener> {
  try {
    // Where there is TLS it ends at the doorkeeper.
    return await listen(server, `${host}:${port}`, ServerCredentials.createInsecure(), doorkeeper);
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    const why =
      cause?.code === "EADDRINUSE" ? "is in use" : `cannot be had (${cause?.code ?? message})`;
    throw new Failure(
      `xDS address ${host}:${port} ${why}: stop what holds it, or choose another with --xds (port 0 takes a free one).`,
    );
  }
}
