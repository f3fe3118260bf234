import { isEvidence } from "../evidence/metric-name.ts";
import type { Sample } from "../evidence/source.ts";
import { lastField, type WireField, wireFields } from "./wire-field.ts";

/**
 * Reads `envoy.service.metrics.v3.StreamMetricsMessage` off the wire without building it: of some 200 families in a
 * report of a small Envoy about 20 are evidence, and the first message carries 60 KiB of extension names of which one
 * string matters. Everything else is stepped over by its length. Throws a RangeError on bytes that are no such message.
 * Field numbers: metrics_service.proto, and metrics.proto of the Prometheus client model.
 */
export interface MetricsMessage {
  /** `identifier.node.id`; only the first message of a stream has it. */
  readonly node?: string;
  readonly samples: readonly Sample[];
}

const MESSAGE = { identifier: 1, family: 2 };
const IDENTIFIER = { node: 1 };
const NODE = { id: 1 };
const FAMILY = { name: 1, metric: 4 };
const METRIC = { gauge: 2, counter: 3 };
/** Of `Gauge` and `Counter` alike. */
const VALUE = 1;

export function readMetricsMessage(bytes: Buffer): MetricsMessage {
  const samples: Sample[] = [];
  let node: string | undefined;
  for (const field of wireFields(bytes, { start: 0, end: bytes.length })) {
    if (field.number === MESSAGE.identifier) node = readNodeId(bytes, field) ?? node;
    if (field.number !== MESSAGE.family) continue;
    const sample = readFamily(bytes, field);
    if (sample !== undefined) samples.push(sample);
  }
  return { ...(node !== undefined && { node }), samples };
}

function readNodeId(bytes: Buffer, identifier: WireField): string | undefined {
  const node = lastField(bytes, identifier, IDENTIFIER.node);
  const id = node && lastField(bytes, node, NODE.id);
  return id && bytes.toString("utf8", id.start, id.end);
}

/** Without labels a family has one metric; of several the first is taken. */
function readFamily(bytes: Buffer, family: WireField): Sample | undefined {
  const name = readName(bytes, family);
  if (name === undefined || !isEvidence(name)) return undefined;
  for (const field of wireFields(bytes, family)) {
    if (field.number !== FAMILY.metric) continue;
    const metric = readMetric(bytes, field);
    return metric && { name, ...metric };
  }
  return undefined;
}

/** Stops at the name, which every writer puts first: what follows is not looked at for nine families of ten. */
function readName(bytes: Buffer, family: WireField): string | undefined {
  for (const { number, start, end } of wireFields(bytes, family))
    if (number === FAMILY.name) return bytes.toString("latin1", start, end);
  return undefined;
}

function readMetric(bytes: Buffer, metric: WireField): Omit<Sample, "name"> | undefined {
  const counter = lastField(bytes, metric, METRIC.counter);
  const level = counter ?? lastField(bytes, metric, METRIC.gauge);
  if (level === undefined) return undefined;
  const value = lastField(bytes, level, VALUE);
  if (value !== undefined && value.end - value.start !== 8)
    throw new RangeError(`the value at byte ${value.start} is no double`);
  return {
    kind: counter === undefined ? "gauge" : "counter",
    value: value === undefined ? 0 : bytes.readDoubleLE(value.start),
  };
}
