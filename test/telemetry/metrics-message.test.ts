import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMetricName } from "../../src/evidence/metric-name.ts";
import { readMetricsMessage } from "../../src/telemetry/metrics-message.ts";
import { counterFamily, encodeReport, gaugeFamily, nodeIdentifier } from "./report.ts";

const NAMES = [
  "wasmcustom.qmesh.shop.limit",
  "wasmcustom.qmesh.shop.tier.default.shed",
  "cluster.shop.v1.upstream_rq_total",
  "cluster.shop.v1.upstream_rq_200",
  "server.uptime",
  "",
  "é",
];

const family = fc.record({
  name: fc.constantFrom(...NAMES),
  isCounter: fc.boolean(),
  value: fc.double({ noNaN: true }),
});

describe("metrics message", () => {
  it("reads what protobufjs wrote: the node's id, and every metric of interest in order", () => {
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), fc.array(family), (id, families) => {
        const bytes = encodeReport({
          ...(id !== undefined && { identifier: nodeIdentifier(id) }),
          envoy_metrics: families.map(({ name, isCounter, value }) =>
            isCounter ? counterFamily(name, value) : gaugeFamily(name, value),
          ),
        });

        const { node = "", samples } = readMetricsMessage(bytes);

        // An empty id is not on the wire.
        assert.equal(node, Buffer.from(id ?? "").toString());
        assert.deepEqual(
          samples,
          families
            .filter(({ name }) => parseMetricName(name) !== undefined)
            .map(({ name, isCounter, value }) => ({
              name,
              kind: isCounter ? "counter" : "gauge",
              value,
            })),
        );
      }),
    );
  });

  it("skips a family without metrics, and one that is a histogram", () => {
    const name = "cluster.shop.upstream_rq_total";
    const histogram = Buffer.from([7 << 3, 2, 8, 1]);
    const bytes = encodeReport({ envoy_metrics: [{ name }, { name, metric: [{}] }] });
    const histograms = field(2, Buffer.concat([field(1, Buffer.from(name)), field(4, histogram)]));

    assert.deepEqual(readMetricsMessage(bytes).samples, []);
    assert.deepEqual(readMetricsMessage(histograms).samples, []);
    assert.deepEqual(readMetricsMessage(Buffer.alloc(0)).samples, []);
  });

  it("takes a metric that stands before its name, and a counter without a value as 0", () => {
    const name = field(1, Buffer.from("wasmcustom.qmesh.shop.lost"));
    const metric = field(4, field(3, Buffer.alloc(0)));

    assert.deepEqual(readMetricsMessage(field(2, Buffer.concat([metric, name]))).samples, [
      { name: "wasmcustom.qmesh.shop.lost", kind: "counter", value: 0 },
    ]);
  });

  for (const [what, bytes] of [
    ["a length past the end", Buffer.from([0x12, 0x05, 0x0a])],
    ["a length of 2^56", Buffer.from([0x12, ...Array(8).fill(0xff), 0x01])],
    ["an integer that does not end", Buffer.from([0x08, ...Array(12).fill(0xff)])],
    ["a tag cut short", Buffer.from([0xff])],
    ["a group", Buffer.from([0x13, 0x14])],
    ["an inner length past its message", field(2, Buffer.from([0x0a, 0x7f]))],
    ["a value of 3 bytes", field(2, shedFamily(field(1, Buffer.from([1, 2, 3]))))],
  ] as const) {
    it(`throws a RangeError at ${what}`, () => {
      assert.throws(() => readMetricsMessage(bytes), RangeError);
    });
  }

  it("never throws anything else, nor hangs, on 20,000 damaged messages", () => {
    const good = encodeReport({
      identifier: nodeIdentifier("edge-1"),
      envoy_metrics: NAMES.map((name) => counterFamily(name, 5)),
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged(good)), (bytes) => {
        try {
          readMetricsMessage(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: 20_000 },
    );
  });
});

function field(number: number, content: Buffer): Buffer {
  assert.ok(content.length < 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

function shedFamily(counter: Buffer): Buffer {
  const name = field(1, Buffer.from("wasmcustom.qmesh.a.lost"));
  return Buffer.concat([name, field(4, field(3, counter))]);
}

function damaged(good: Buffer): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .chain((edits) =>
      fc.nat(good.length).map((length) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes.subarray(0, length);
      }),
    );
}
