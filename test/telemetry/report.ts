import { protoRoot } from "../../src/proto/bundle.ts";

const MESSAGE = "envoy.service.metrics.v3.StreamMetricsMessage";

/** A `StreamMetricsMessage` as protobufjs encodes it: the other side of the reader under test. */
export function encodeReport(report: object): Buffer {
  const type = protoRoot().lookupType(MESSAGE);
  return Buffer.from(type.encode(type.fromObject(report)).finish());
}

export function counterFamily(name: string, value: number): object {
  return {
    name,
    type: "COUNTER",
    metric: [{ counter: { value }, timestamp_ms: 1_795_446_247_587 }],
  };
}

export function gaugeFamily(name: string, value: number): object {
  return { name, type: "GAUGE", metric: [{ gauge: { value } }] };
}

export function nodeIdentifier(id: string): object {
  return { node: { id, cluster: "edge", extensions: [{ name: "envoy.x", category: "y" }] } };
}
