import { z } from "zod";
import { protoRoot } from "../proto/bundle.ts";
import { type Bucket, explicitBuckets, exponentialBuckets } from "./otlp-histogram.ts";

/**
 * An OTLP export of metrics, from its bytes or its JSON, as points one can count with. Each point is checked for itself: one that
 * is none is a `fault` and disturbs no other. https://opentelemetry.io/docs/specs/otlp/
 */
export interface OtlpPoint {
  readonly metric: string;
  /** Of the resource and of the point, by name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Seconds of Unix time. */
  readonly at: number;
  /** Since when a cumulative one counts. */
  readonly since: number;
  readonly value:
    | { readonly kind: "gauge"; readonly value: number }
    | { readonly kind: "sum"; readonly value: number; readonly isDelta: boolean }
    | {
        readonly kind: "histogram";
        readonly count: number;
        readonly sum: number;
        readonly buckets: readonly Bucket[];
        readonly isDelta: boolean;
      };
}

export interface OtlpExport {
  readonly points: readonly OtlpPoint[];
  /** Sentences, one a point that is none. */
  readonly faults: readonly string[];
}

const MOST_POINTS = 10_000;
const MOST_BUCKETS = 320;
const MOST_ATTRIBUTES = 64;
const REQUEST = "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest";

const count = z.coerce.number().min(0).max(Number.MAX_SAFE_INTEGER);
const nano = z.coerce.number().min(0);
const value = z.looseObject({
  string_value: z.string().optional(),
  bool_value: z.boolean().optional(),
  int_value: z.coerce.number().optional(),
  double_value: z.coerce.number().optional(),
});
const attributes = z
  .array(z.looseObject({ key: z.string().max(256), value: value.optional() }))
  .max(MOST_ATTRIBUTES)
  .default([]);
const times = { start_time_unix_nano: nano.default(0), time_unix_nano: nano, attributes };
const counts = z.array(count).max(MOST_BUCKETS).default([]);
const DELTA = 1;
const temporality = z.literal([DELTA, 2]);

const number = z
  .looseObject({
    ...times,
    as_double: z.number().optional(),
    as_int: z.coerce.number().optional(),
  })
  .transform(({ as_double, as_int, ...rest }) => ({ ...rest, value: as_double ?? as_int ?? 0 }));
const histogram = z
  .looseObject({
    ...times,
    count,
    sum: z.number().default(0),
    bucket_counts: counts,
    explicit_bounds: z.array(z.number()).max(MOST_BUCKETS).default([]),
  })
  .refine(
    ({ bucket_counts, explicit_bounds: bounds }) =>
      (bucket_counts.length === 0 || bucket_counts.length === bounds.length + 1) &&
      bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound)),
    "its bounds do not rise, or do not fit its counts",
  );
const exponential = z.looseObject({
  ...times,
  count,
  sum: z.number().default(0),
  scale: z.int().min(-10).max(20).default(0),
  zero_count: count.default(0),
  positive: z.looseObject({ offset: z.int().default(0), bucket_counts: counts }).default({
    offset: 0,
    bucket_counts: [],
  }),
});

const points = z.array(z.unknown()).default([]);
const metric = z.looseObject({
  name: z.string().min(1).max(256),
  gauge: z.looseObject({ data_points: points }).optional(),
  sum: z
    .looseObject({
      data_points: points,
      aggregation_temporality: z.unknown().optional(),
      is_monotonic: z.boolean().default(false),
    })
    .optional(),
  histogram: z
    .looseObject({ data_points: points, aggregation_temporality: z.unknown().optional() })
    .optional(),
  exponential_histogram: z
    .looseObject({ data_points: points, aggregation_temporality: z.unknown().optional() })
    .optional(),
});
const request = z.looseObject({
  resource_metrics: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes }).optional(),
        scope_metrics: z
          .array(z.looseObject({ metrics: z.array(z.unknown()).default([]) }))
          .default([]),
      }),
    )
    .default([]),
});

/** Undefined: the bytes are no such message. */
export function readOtlpBytes(bytes: Uint8Array): OtlpExport | undefined {
  const type = protoRoot().lookupType(REQUEST);
  try {
    return readOtlp(type.toObject(type.decode(bytes), { longs: Number, defaults: false }));
  } catch {
    return undefined;
  }
}

/** Undefined: the text is no such message. */
export function readOtlpJson(text: string): OtlpExport | undefined {
  try {
    return readOtlp(toSnakeCase(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

function readOtlp(message: unknown): OtlpExport | undefined {
  const parsed = request.safeParse(message);
  if (!parsed.success) return undefined;
  const found: OtlpPoint[] = [];
  const faults: string[] = [];
  for (const { resource, scope_metrics: scopes } of parsed.data.resource_metrics) {
    const own = toRecord(resource?.attributes ?? []);
    for (const each of scopes.flatMap(({ metrics }) => metrics)) {
      const read = metric.safeParse(each);
      if (!read.success) faults.push("a metric is none");
      else
        for (const point of pointsOf(read.data)) {
          if (typeof point === "string") faults.push(`${read.data.name}: ${point}`);
          else if (found.length >= MOST_POINTS) faults.push(`more than ${MOST_POINTS} points`);
          else found.push({ ...point, attributes: { ...own, ...point.attributes } });
        }
    }
  }
  return { points: found, faults };
}

function* pointsOf(read: z.infer<typeof metric>): Iterable<OtlpPoint | string> {
  const { name, gauge, sum, histogram: explicit, exponential_histogram: base2 } = read;
  for (const each of gauge?.data_points ?? []) {
    yield toPoint(name, number.safeParse(each), ({ value }) => ({ kind: "gauge", value }));
  }
  for (const [holder, schema] of [
    [sum, number],
    [explicit, histogram],
    [base2, exponential],
  ] as const) {
    if (holder === undefined) continue;
    const kind = temporality.safeParse(holder.aggregation_temporality);
    const isDelta = kind.data === DELTA;
    for (const each of holder.data_points) {
      if (!kind.success) yield "neither delta nor cumulative";
      else if (schema === number) {
        // What may fall and is told whole is a value of now, such as the length of a queue.
        const isCounter = isDelta || sum?.is_monotonic === true;
        yield toPoint(name, number.safeParse(each), ({ value }) =>
          isCounter ? { kind: "sum", value, isDelta } : { kind: "gauge", value },
        );
      } else if (schema === histogram) {
        yield toPoint(name, histogram.safeParse(each), (read) => ({
          ...{ kind: "histogram", count: read.count, sum: read.sum, isDelta },
          buckets: explicitBuckets(read.explicit_bounds, read.bucket_counts),
        }));
      } else {
        yield toPoint(name, exponential.safeParse(each), (read) => ({
          ...{ kind: "histogram", count: read.count, sum: read.sum, isDelta },
          buckets: exponentialBuckets(read.scale, {
            zero: read.zero_count,
            offset: read.positive.offset,
            counts: read.positive.bucket_counts,
          }),
        }));
      }
    }
  }
}

interface Timed {
  readonly time_unix_nano: number;
  readonly start_time_unix_nano: number;
  readonly attributes: z.infer<typeof attributes>;
}

function toPoint<T extends Timed>(
  metric: string,
  read:
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: z.ZodError },
  toValue: (read: T) => OtlpPoint["value"],
): OtlpPoint | string {
  if (!read.success) return read.error.issues[0]?.message ?? "a point is none";
  const { data } = read;
  return {
    metric,
    attributes: toRecord(data.attributes),
    at: data.time_unix_nano / 1e9,
    since: data.start_time_unix_nano / 1e9,
    value: toValue(data),
  };
}

function toRecord(list: z.infer<typeof attributes>): Record<string, string> {
  return Object.fromEntries(
    list.map(({ key, value = {} }) => {
      const { string_value, bool_value, int_value, double_value } = value;
      return [key, String(string_value ?? bool_value ?? int_value ?? double_value ?? "")];
    }),
  );
}

/** JSON names are in camel case; values of attributes stay as they are. */
function toSnakeCase(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(toSnakeCase);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      toSnakeCase(value),
    ]),
  );
}
