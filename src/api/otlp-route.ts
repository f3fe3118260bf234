import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { protoRoot } from "../proto/bundle.ts";
import type { OtlpIntake } from "../telemetry/otlp-intake.ts";
import { readOtlpBytes, readOtlpJson } from "../telemetry/otlp-message.ts";
import { NO_TOKEN, toResponse } from "../telemetry/otlp-service.ts";
import { problem } from "./problem.ts";

/** `POST /v1/metrics`: OTLP metrics over HTTP, where its exporters send them; protobuf or JSON, plain or gzip. */
const MOST_BYTES = 4 * 1024 * 1024;
const PROTOBUF = "application/x-protobuf";
const RESPONSE = "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse";

export function otlpRoute(intake: Pick<OtlpIntake, "take">): Hono {
  const app = new Hono();
  app.post("/v1/metrics", async (context) => {
    const type = context.req.header("content-type")?.split(";", 1)[0] ?? "";
    if (type !== PROTOBUF && type !== "application/json") {
      const detail = `Send ${PROTOBUF} or application/json: docs/signals.md.`;
      return problem(context, 415, { title: `metrics of type ${type} are not taken`, detail });
    }
    const bytes = unpack(
      Buffer.from(await context.req.arrayBuffer()),
      context.req.header("content-encoding"),
    );
    const message =
      bytes && (type === PROTOBUF ? readOtlpBytes(bytes) : readOtlpJson(bytes.toString("utf8")));
    if (message === undefined) {
      const detail = `At most ${MOST_BYTES} bytes, plain or gzip, of an ExportMetricsServiceRequest.`;
      return problem(context, 400, { title: "the body is no OTLP metrics", detail });
    }
    const answer = intake.take(context.req.header("authorization"), message);
    if (answer === undefined) {
      return problem(context, 401, { title: "the metrics are refused", detail: `${NO_TOKEN}.` });
    }
    const response = toResponse(answer);
    if (type === PROTOBUF) {
      const message = protoRoot().lookupType(RESPONSE);
      const body = Buffer.from(message.encode(message.fromObject(response)).finish());
      return context.body(new Uint8Array(body), 200, { "content-type": PROTOBUF });
    }
    const { rejected, why } = answer;
    const partialSuccess = { rejectedDataPoints: String(rejected), errorMessage: why };
    return context.json(rejected === 0 ? {} : { partialSuccess });
  });
  return app;
}

/** Undefined: it is not what it says, or too much. */
function unpack(bytes: Buffer, encoding = "identity"): Buffer | undefined {
  if (encoding === "identity") return bytes;
  if (encoding !== "gzip") return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}
