import { connect } from "node:http2";
import { arrivals } from "../src/cli/demo/arrivals.ts";
import { Histogram } from "../src/cli/demo/histogram.ts";
import { protoRoot } from "../src/proto/bundle.ts";

/** A child process that asks a rate-limit service, open loop: Poisson questions over one HTTP/2 connection, for many tenants. */
export interface UnaryLoadOrder {
  readonly port: number;
  readonly rps: number;
  readonly seconds: number;
  readonly seed: number;
  /** Name of the RateLimit that is asked for. */
  readonly limit: string;
  readonly tenants: number;
}

export interface UnaryLoadReport {
  readonly asked: number;
  /** Answers that were not OK. */
  readonly failed: number;
  /** From the question to the end of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of asking after the plan. */
  readonly latenessP99Ms: number;
}

const PATH = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
/** Questions before these are not measured: code is compiled and the connection opens. */
const WARM_UP_SECONDS = 1;

function question(limit: string, tenant: number): Buffer {
  const type = protoRoot().lookupType("envoy.service.ratelimit.v3.RateLimitRequest");
  const entries = [
    { key: "qmesh_limit", value: limit },
    { key: "header_x-tenant", value: `tenant-${tenant}` },
  ];
  const message = type.encode({ domain: "qmesh", descriptors: [{ entries }] }).finish();
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

function run({ port, rps, seconds, seed, limit, tenants }: UnaryLoadOrder): void {
  const questions = Array.from({ length: tenants }, (_, tenant) => question(limit, tenant));
  const phases = [
    { seconds: WARM_UP_SECONDS, rps },
    { seconds, rps },
  ];
  const plan = arrivals(phases, [{ name: "all", share: 1, headers: {} }], seed);
  const session = connect(`http://127.0.0.1:${port}`);
  const times = new Histogram();
  const lateness = new Histogram();
  let [asked, failed, open] = [0, 0, 0];
  const ask = (isMeasured: boolean) => {
    const sentMs = performance.now();
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
    });
    open += 1;
    let isOk = false;
    stream.on("trailers", (trailers) => {
      isOk = trailers["grpc-status"] === "0";
    });
    stream.on("error", () => undefined);
    stream.on("close", () => {
      open -= 1;
      if (!isOk) failed += 1;
      if (isMeasured) times.add(performance.now() - sentMs);
    });
    stream.resume();
    stream.end(questions[asked % tenants]);
    asked += 1;
  };
  const startMs = performance.now() + 50;
  let next = plan.next();
  const pump = () => {
    const nowMs = performance.now() - startMs;
    while (!next.done && next.value.atMs <= nowMs) {
      const isMeasured = next.value.phase === 1;
      if (isMeasured) lateness.add(nowMs - next.value.atMs);
      ask(isMeasured);
      next = plan.next();
    }
    if (!next.done || open > 0) setTimeout(pump, 1);
    else report();
  };
  const report = () => {
    const [p50Ms = Number.NaN, p99Ms = Number.NaN] = [0.5, 0.99].map((q) => times.quantile(q));
    const latenessP99Ms = lateness.quantile(0.99) ?? Number.NaN;
    session.destroy();
    process.send?.({ asked, failed, p50Ms, p99Ms, latenessP99Ms } satisfies UnaryLoadReport, () =>
      process.disconnect?.(),
    );
  };
  session.once("connect", pump);
}

process.once("message", (order: UnaryLoadOrder) => run(order));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
