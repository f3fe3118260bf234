import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  credentials,
  Metadata,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { otlpRoute } from "../../src/api/otlp-route.ts";
import { SignalBook } from "../../src/evidence/signal-book.ts";
import { protoRoot } from "../../src/proto/bundle.ts";
import { loadService } from "../../src/proto/service.ts";
import {
  explicitBuckets,
  exponentialBuckets,
  quantileOf,
} from "../../src/telemetry/otlp-histogram.ts";
import { OtlpIntake, type OtlpMetric } from "../../src/telemetry/otlp-intake.ts";
import { readOtlpJson } from "../../src/telemetry/otlp-message.ts";
import { addOtlpService } from "../../src/telemetry/otlp-service.ts";

const NOW = 1_800_000_000;
const SECRET = "0123456789abcdef";
const TOKEN = `Bearer ${SECRET}`;
const SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService";

const nano = (seconds: number) => `${seconds}000000000`;
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** An export of one metric, as an exporter writes its JSON. */
const exportOf = (name: string, data: object) => ({
  resourceMetrics: [
    {
      resource: { attributes: [attribute("service.name", "orders")] },
      scopeMetrics: [{ scope: { name: "sdk" }, metrics: [{ name, unit: "s", ...data }] }],
    },
  ],
});

function rig(metric: Partial<OtlpMetric> = {}) {
  let now = NOW;
  const book = new SignalBook();
  const intake = new OtlpIntake(book, () => now);
  const whole = { signal: "s", metric: "m", where: {}, maxAgeSeconds: 30, ...metric };
  intake.setSources([{ secret: SECRET, metrics: [whole] }]);
  const send = (data: object, at = now) => {
    now = at;
    const read = readOtlpJson(JSON.stringify(exportOf("m", data)));
    assert.ok(read);
    return intake.take(TOKEN, read);
  };
  const value = () => book.reading("s", now)?.value;
  return { intake, book, send, value };
}

const point = (at: number, more: object) => ({ timeUnixNano: nano(at), ...more });
const sum = (kind: number, ...points: object[]) => ({
  sum: { aggregationTemporality: kind, isMonotonic: true, dataPoints: points },
});
const [DELTA, CUMULATIVE] = [1, 2];

describe("OTLP metrics as signals", () => {
  it("take a gauge as it is, and of two series the sum: 3 and 4 are 7", () => {
    const { send, value } = rig();
    const of = (queue: string, asDouble: number) =>
      point(NOW, { asDouble, attributes: [attribute("queue", queue)] });
    assert.deepEqual(send({ gauge: { dataPoints: [of("a", 3), of("b", 4)] } }), {
      rejected: 0,
      why: "",
    });
    assert.equal(value(), 7);
  });

  it("take a delta sum of 50 in 10 s as 5 a second, and the same of a cumulative one", () => {
    const delta = rig();
    const begun = { startTimeUnixNano: nano(NOW - 10) };
    delta.send(sum(DELTA, point(NOW, { ...begun, asInt: "50" })));
    assert.equal(delta.value(), 5);

    const cumulative = rig();
    cumulative.send(sum(CUMULATIVE, point(NOW, { startTimeUnixNano: nano(1), asInt: "1000" })));
    assert.equal(cumulative.value(), undefined, "of the first point nothing is known");
    cumulative.send(
      sum(CUMULATIVE, point(NOW + 10, { startTimeUnixNano: nano(1), asInt: "1050" })),
      NOW + 10,
    );
    assert.equal(cumulative.value(), 5);
  });

  it("after a restart count from 0 where it is said, and hold where a counter ran back without a word", () => {
    const { send, value, book } = rig();
    const at = (seconds: number, since: number, asInt: string) =>
      send(
        sum(CUMULATIVE, point(NOW + seconds, { startTimeUnixNano: nano(since), asInt })),
        NOW + seconds,
      );
    at(0, 1, "1000");
    at(10, 1, "1100");
    assert.equal(value(), 10);
    at(20, NOW + 15, "20");
    assert.equal(value(), 4, "20 since the restart 5 s ago");
    at(30, NOW + 15, "5");
    assert.equal(book.reading("s", NOW + 30)?.ageSeconds, 10, "nothing new is known");
  });

  it("take the p95 of a histogram, explicit or exponential, within its bucket", () => {
    const counts = ["90", "6", "4"];
    const explicit = rig({ quantile: 0.95 });
    const histogram = { count: "100", sum: 12, bucketCounts: counts, explicitBounds: [0.1, 0.2] };
    explicit.send({
      histogram: { aggregationTemporality: DELTA, dataPoints: [point(NOW, histogram)] },
    });
    // 5 of the 6 between 0.1 and 0.2 are below it.
    assert.ok(Math.abs((explicit.value() ?? 0) - (0.1 + 0.1 * (5 / 6))) < 1e-9);

    const base2 = rig({ quantile: 0.5 });
    const positive = { offset: 0, bucketCounts: ["10", "10"] };
    base2.send({
      exponentialHistogram: {
        aggregationTemporality: DELTA,
        dataPoints: [point(NOW, { count: "20", sum: 40, scale: 0, positive })],
      },
    });
    assert.equal(base2.value(), 2, "10 in (1,2], 10 in (2,4]");
  });

  it("take the rise of a cumulative histogram: 10 new at 0.15 after 100 at 0.05", () => {
    const { send, value } = rig({ quantile: 0.5 });
    const at = (seconds: number, bucketCounts: string[], count: string) => {
      const more = { startTimeUnixNano: nano(1), count, sum: 1, bucketCounts };
      const each = point(NOW + seconds, { ...more, explicitBounds: [0.1, 0.2] });
      send(
        { histogram: { aggregationTemporality: CUMULATIVE, dataPoints: [each] } },
        NOW + seconds,
      );
    };
    at(0, ["100", "0", "0"], "100");
    at(10, ["100", "10", "0"], "110");
    assert.ok(Math.abs((value() ?? 0) - 0.15) < 1e-9);
  });

  it("heed only series with the attributes asked for, of resource or point", () => {
    const { send, value } = rig({ where: { "service.name": "orders", region: "eu" } });
    const of = (region: string, asDouble: number) =>
      point(NOW, { asDouble, attributes: [attribute("region", region)] });
    send({ gauge: { dataPoints: [of("eu", 1), of("us", 10)] } });
    assert.equal(value(), 1);
  });

  it("refuse a point 6 s ahead, one of 301 s ago, one told twice and one older than known, each by name", () => {
    const { send, value, intake } = rig();
    const gauge = (at: number, asDouble = 1) =>
      send({ gauge: { dataPoints: [point(at, { asDouble })] } });
    assert.match(gauge(NOW + 6, 9)?.why ?? "", /in the future/);
    assert.match(gauge(NOW - 301, 9)?.why ?? "", /301 s old/);
    assert.equal(value(), undefined);
    assert.equal(gauge(NOW)?.rejected, 0);
    assert.match(gauge(NOW, 9)?.why ?? "", /newer or equal point is known/);
    assert.match(gauge(NOW - 5, 9)?.why ?? "", /newer or equal point is known/);
    assert.equal(value(), 1);
    assert.equal(intake.refused, 4);
  });

  it("take 1024 series of a flood of 3000 and refuse the rest, with the signal as it was of those", () => {
    const { send, value } = rig();
    const dataPoints = Array.from({ length: 3000 }, (_, at) =>
      point(NOW, { asDouble: 1, attributes: [attribute("id", `${at}`)] }),
    );
    assert.equal(send({ gauge: { dataPoints } })?.rejected, 3000 - 1024);
    assert.equal(value(), 1024);
  });

  it("refuse points that are none (no temporality, falling bounds, a text for a number) and take their neighbours", () => {
    const { send, value } = rig();
    const broken = { histogram: { dataPoints: [point(NOW, { count: "1" })] } };
    assert.match(send(broken)?.why ?? "", /neither delta nor cumulative/);
    const bad = { count: "1", bucketCounts: ["0", "1", "0"], explicitBounds: [2, 1] };
    const falling = {
      histogram: { aggregationTemporality: DELTA, dataPoints: [point(NOW, bad)] },
    };
    assert.match(send(falling)?.why ?? "", /bounds do not rise/);
    const mixed = { dataPoints: [point(NOW, { asDouble: "x" }), point(NOW, { asDouble: 2 })] };
    assert.equal(send({ gauge: mixed })?.rejected, 1);
    assert.equal(value(), 2);
  });
});

describe("the quantile of buckets", () => {
  it("is that of all of them where their edges differ, and the last edge where it lies beyond", () => {
    const both = [...explicitBuckets([1, 2], [5, 5, 0]), ...explicitBuckets([1.5], [10, 0])];
    const median = quantileOf(both, 0.5) ?? 0;
    const below = 5 + 5 * (median - 1 > 0 ? Math.min(1, median - 1) : 0);
    assert.ok(median > 0.7 && median < 1.5, `${median} with ${below} of the first below`);
    assert.equal(quantileOf(explicitBuckets([1], [0, 3]), 0.99), 1);
    assert.equal(quantileOf([], 0.5), undefined);
    assert.equal(quantileOf(exponentialBuckets(0, { zero: 4, offset: 0, counts: [1] }), 0.5), 0);
  });
});

describe("the OTLP receivers", () => {
  const body = exportOf("m", { gauge: { dataPoints: [point(NOW, { asDouble: 7 })] } });
  const toBytes = () => {
    const type = protoRoot().lookupType(
      "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
    );
    const metrics = [
      { name: "m", gauge: { data_points: [{ time_unix_nano: nano(NOW), as_double: 7 }] } },
    ];
    return Buffer.from(
      type
        .encode(type.fromObject({ resource_metrics: [{ scope_metrics: [{ metrics }] }] }))
        .finish(),
    );
  };

  for (const [what, type, bytes, encoding] of [
    ["JSON", "application/json", () => Buffer.from(JSON.stringify(body)), "identity"],
    ["protobuf", "application/x-protobuf", toBytes, "identity"],
    ["protobuf under gzip", "application/x-protobuf", () => gzipSync(toBytes()), "gzip"],
  ] as const) {
    it(`take ${what} at POST /v1/metrics`, async () => {
      const { intake, value } = rig();
      const answer = await otlpRoute(intake).request("/v1/metrics", {
        method: "POST",
        headers: { "content-type": type, "content-encoding": encoding, authorization: TOKEN },
        body: new Uint8Array(bytes()),
      });
      assert.equal(answer.status, 200);
      assert.equal(value(), 7);
    });
  }

  it("answer 401 to a wrong token, 415 to text, 400 to what is none and to a gzip bomb of 8 MiB", async () => {
    const { intake, value } = rig();
    const ask = async (headers: Record<string, string>, body: Buffer) => {
      const request = { method: "POST", headers, body: new Uint8Array(body) };
      return (await otlpRoute(intake).request("/v1/metrics", request)).status;
    };
    const json = { "content-type": "application/json" };
    const text = Buffer.from(JSON.stringify(body));
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
    assert.deepEqual(
      [
        await ask({ ...json, authorization: "Bearer guess" }, text),
        await ask(json, text),
        await ask({ "content-type": "text/plain", authorization: TOKEN }, text),
        await ask({ ...json, authorization: TOKEN }, Buffer.from("{")),
        await ask({ ...json, authorization: TOKEN, "content-encoding": "gzip" }, bomb),
      ],
      [401, 401, 415, 400, 400],
    );
    assert.equal(value(), undefined);
  });

  it("take an export over gRPC with the token in its metadata, and nothing without", async () => {
    const { intake, value } = rig();
    const server = new Server();
    const refused: string[] = [];
    addOtlpService(server, { intake, onRefused: ({ reason }) => void refused.push(reason) });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const { Export } = loadService(SERVICE);
    assert.ok(Export);
    const raw = { Export: { ...Export, requestSerialize: (bytes: Buffer) => bytes } };
    const Client = makeGenericClientConstructor(raw, SERVICE);
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const call = (token: string) => {
      const metadata = new Metadata();
      metadata.set("authorization", token);
      const { Export: send } = client as unknown as {
        Export: (b: Buffer, m: Metadata, d: (error: ServiceError | null) => void) => void;
      };
      return new Promise<ServiceError | null>((resolve) => {
        send.call(client, toBytes(), metadata, resolve);
      });
    };
    try {
      assert.equal((await call("Bearer guess"))?.code, status.UNAUTHENTICATED);
      assert.equal(value(), undefined);
      assert.equal(await call(TOKEN), null);
      assert.equal(value(), 7);
      assert.equal(refused.length, 1);
    } finally {
      client.close();
      server.forceShutdown();
    }
  });
});
