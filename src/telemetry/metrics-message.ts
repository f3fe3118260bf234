import { SLOW_MS } from "../evidence/evidence.ts";
import { isWorthParsing } from "../evidence/metric-name.ts";
import type { Histogram, Sample } from "../evidence/source.ts";
import { WireFields } from "./wire-field.ts";

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
  /** Of `cluster.NAME.upstream_rq_time`. */
  readonly histograms: readonly Histogram[];
}

const MESSAGE = { identifier: 1, family: 2 };
const IDENTIFIER = { node: 1 };
const NODE = { id: 1 };
const FAMILY = { name: 1, metric: 4 };
const METRIC = { gauge: 2, counter: 3, histogram: 7 };
const HISTOGRAM = { count: 1, bucket: 3 };
const BUCKET = { count: 1, bound: 2 };
/** Of `Gauge` and `Counter` alike. */
const VALUE = 1;

export function readMetricsMessage(bytes: Buffer): MetricsMessage {
  const message = new WireFields(bytes);
  const samples: Sample[] = [];
  const histograms: Histogram[] = [];
  let node: string | undefined;
  while (message.next()) {
    if (message.number === MESSAGE.identifier) node = readNodeId(bytes, message.inside()) ?? node;
    if (message.number !== MESSAGE.family) continue;
    const histogram = readTimes(bytes, message);
    if (histogram !== undefined) histograms.push(histogram);
    if (histogram !== undefined) continue;
    const sample = readFamily(bytes, message);
    if (sample !== undefined) samples.push(sample);
  }
  return { ...(node !== undefined && { node }), samples, histograms };
}

const TIMES = { prefix: "cluster.", suffix: ".upstream_rq_time" };

/** The times of a cluster's requests; undefined for any other family. */
function readTimes(bytes: Buffer, message: WireFields): Histogram | undefined {
  const family = message.inside();
  if (!family.find(FAMILY.name)) return undefined;
  const { suffix, prefix } = TIMES;
  const isTimes =
    bytes.toString("latin1", Math.max(family.start, family.end - suffix.length), family.end) ===
    suffix;
  if (!isTimes) return undefined;
  const name = bytes.toString("latin1", family.start, family.end);
  if (!name.startsWith(prefix)) return undefined;
  const whole = message.inside();
  if (!whole.find(FAMILY.metric)) return undefined;
  const metric = whole.inside();
  if (!metric.find(METRIC.histogram)) return undefined;
  return {
    cluster: name.slice(prefix.length, -suffix.length),
    times: readBuckets(bytes, metric.inside()),
  };
}

/** Requests timed, then those slower than each of `SLOW_MS`; an edge Envoy does not have counts as the next below it. */
function readBuckets(bytes: Buffer, histogram: WireFields): number[] {
  let count = 0;
  const within = new Map<number, number>();
  while (histogram.next()) {
    if (histogram.number === HISTOGRAM.count) count = histogram.varint();
    if (histogram.number !== HISTOGRAM.bucket) continue;
    const bucket = histogram.inside();
    let bound = Number.NaN;
    let upTo = 0;
    while (bucket.next()) {
      if (bucket.number === BUCKET.count) upTo = bucket.varint();
      if (bucket.number === BUCKET.bound) bound = bytes.readDoubleLE(bucket.start);
    }
    within.set(bound, upTo);
  }
  let below = 0;
  return [
    count,
    ...SLOW_MS.map((edge) => (below = within.get(edge) ?? below)).map((upTo) => count - upTo),
  ];
}

function readNodeId(bytes: Buffer, identifier: WireFields): string | undefined {
  if (!identifier.find(IDENTIFIER.node)) return undefined;
  const node = identifier.inside();
  return node.find(NODE.id) ? bytes.toString("utf8", node.start, node.end) : undefined;
}

/** Without labels a family has one metric; of several the first is taken. */
function readFamily(bytes: Buffer, message: WireFields): Sample | undefined {
  const family = message.inside();
  // Every writer puts the name first, so that for nine families of ten nothing else is looked at.
  if (!family.find(FAMILY.name) || !isWorthParsing(bytes, family.start, family.end))
    return undefined;
  const name = bytes.toString("latin1", family.start, family.end);
  const whole = message.inside();
  if (!whole.find(FAMILY.metric)) return undefined;
  const metric = readMetric(bytes, whole.inside());
  return metric && { name, ...metric };
}

function readMetric(bytes: Buffer, metric: WireFields): Omit<Sample, "name"> | undefined {
  while (metric.next()) {
    const { number } = metric;
    if (number !== METRIC.counter && number !== METRIC.gauge) continue;
    const kind = number === METRIC.counter ? "counter" : "gauge";
    return { kind, value: readDouble(bytes, metric.inside()) };
  }
  return undefined;
}

/** 0 if it is left out, as proto3 does; Envoy writes it. */
function readDouble(bytes: Buffer, level: WireFields): number {
  if (!level.find(VALUE)) return 0;
  if (level.end - level.start !== 8)
    throw new RangeError(`the value at byte ${level.start} is no double`);
  return bytes.readDoubleLE(level.start);
}
