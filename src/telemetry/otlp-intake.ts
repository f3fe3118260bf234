import { timingSafeEqual } from "node:crypto";
import type { SignalBook } from "../evidence/signal-book.ts";
import { type Bucket, quantileOf } from "./otlp-histogram.ts";
import type { OtlpExport, OtlpPoint } from "./otlp-message.ts";

/**
 * OTLP metrics to signals, as the Adapters of the intent say. Each series (metric and attributes) is followed for itself: of a
 * cumulative one only what came since its point before counts, and nothing of the first, or of one that began anew without
 * saying so. What is late, from the future, told twice or flooding is refused point by point, counted and said in the answer.
 */
export interface OtlpSource {
  readonly secret: string;
  readonly metrics: readonly OtlpMetric[];
}

export interface OtlpMetric {
  readonly signal: string;
  readonly metric: string;
  /** Attributes a series must have. */
  readonly where: Readonly<Record<string, string>>;
  /** Of a histogram; absent: its mean. */
  readonly quantile?: number;
  readonly maxAgeSeconds: number;
}

export interface OtlpAnswer {
  readonly rejected: number;
  /** One sentence; empty: all were taken. */
  readonly why: string;
}

const OLDEST_SECONDS = 300;
const AHEAD_SECONDS = 5;
/** Of one signal. */
const MOST_SERIES = 1024;

interface Series {
  last: OtlpPoint;
  /** What the newest point adds to the signal; undefined: nothing yet. */
  part: Part | undefined;
}

type Part =
  | { readonly kind: "number"; readonly value: number }
  | {
      readonly kind: "spread";
      readonly count: number;
      readonly sum: number;
      readonly buckets: readonly Bucket[];
    };

export class OtlpIntake {
  #sources: readonly OtlpSource[] = [];
  /** By signal, then by attributes. */
  readonly #series = new Map<string, Map<string, Series>>();
  #refused = 0;

  constructor(
    private readonly book: SignalBook,
    /** Seconds of Unix time. */
    private readonly now: () => number,
  ) {}

  /** Points that were not taken. */
  get refused(): number {
    return this.#refused;
  }

  setSources(sources: readonly OtlpSource[]): void {
    this.#sources = sources;
    const kept = new Set<string>();
    for (const { signal, maxAgeSeconds } of sources.flatMap(({ metrics }) => metrics)) {
      this.book.declare(signal, maxAgeSeconds);
      kept.add(signal);
    }
    for (const signal of this.#series.keys()) if (!kept.has(signal)) this.#series.delete(signal);
  }

  /** Undefined: the token, `Bearer SECRET`, is that of no Adapter. */
  take(authorization: string | undefined, { points, faults }: OtlpExport): OtlpAnswer | undefined {
    const source = this.#sources.find(({ secret }) =>
      isSame(authorization ?? "", `Bearer ${secret}`),
    );
    if (source === undefined) return undefined;
    const whys = [...faults];
    const touched = new Set<OtlpMetric>();
    for (const point of points) {
      const wanted = source.metrics.filter((each) => isOf(each, point));
      for (const each of wanted) {
        const why = this.#observe(each, point);
        if (why === undefined) touched.add(each);
        else whys.push(`${point.metric}: ${why}`);
      }
    }
    for (const each of touched) this.#tell(each);
    this.#refused += whys.length;
    return { rejected: whys.length, why: [...new Set(whys)].slice(0, 5).join("; ") };
  }

  /** Why not; undefined: it is taken. */
  #observe({ signal }: OtlpMetric, point: OtlpPoint): string | undefined {
    const now = this.now();
    if (!(point.at <= now + AHEAD_SECONDS)) return "its time is in the future";
    if (point.at < now - OLDEST_SECONDS) return `it is ${Math.round(now - point.at)} s old`;
    const all = this.#series.get(signal) ?? new Map<string, Series>();
    this.#series.set(signal, all);
    const key = JSON.stringify(Object.entries(point.attributes).sort());
    const known = all.get(key);
    if (known !== undefined && point.at <= known.last.at) return "a newer or equal point is known";
    if (known === undefined && all.size >= MOST_SERIES) {
      dropOld(all, now);
      if (all.size >= MOST_SERIES) return `more than ${MOST_SERIES} series of signal ${signal}`;
    }
    all.set(key, { last: point, part: partOf(known?.last, point) });
    return undefined;
  }

  /** The signal is the sum of its series, or the quantile over all of them. */
  #tell({ signal, maxAgeSeconds, quantile }: OtlpMetric): void {
    const now = this.now();
    const fresh = [...(this.#series.get(signal) ?? new Map<string, Series>()).values()].filter(
      ({ last }) => now - last.at <= maxAgeSeconds,
    );
    const parts = fresh.flatMap(({ part }) => part ?? []);
    const value = join(parts, quantile);
    if (value === undefined) return;
    const newest = Math.max(...fresh.map(({ last }) => last.at));
    this.book.add(signal, Math.min(now, Math.floor(newest)), value);
  }
}

function isOf({ metric, where }: OtlpMetric, point: OtlpPoint): boolean {
  return (
    metric === point.metric &&
    Object.entries(where).every(([name, value]) => point.attributes[name] === value)
  );
}

function partOf(before: OtlpPoint | undefined, { at, since, value }: OtlpPoint): Part | undefined {
  if (value.kind === "gauge") return number(value.value);
  const isFresh = before === undefined || since > before.at - 1e-6;
  const earlier = before?.value;
  if (value.kind === "sum") {
    if (!value.isDelta && before === undefined) return undefined;
    const base = value.isDelta || isFresh || earlier?.kind !== "sum" ? 0 : earlier.value;
    const seconds = at - (value.isDelta || isFresh ? since : (before?.at ?? since));
    const rise = value.value - base;
    return rise >= 0 && seconds > 0 ? number(rise / seconds) : undefined;
  }
  if (value.isDelta) return { ...value, kind: "spread" };
  if (earlier?.kind !== "histogram") return undefined;
  return isFresh ? { ...value, kind: "spread" } : rise(earlier, value);
}

type Spread = OtlpPoint["value"] & { readonly kind: "histogram" };

/** Undefined: it ran back, or its edges are others. */
function rise(before: Spread, now: Spread): Part | undefined {
  const known = new Map(before.buckets.map(({ from, to, count }) => [`${from} ${to}`, count]));
  const buckets = now.buckets.map(({ from, to, count }) => ({
    ...{ from, to },
    count: count - (known.get(`${from} ${to}`) ?? 0),
  }));
  const count = now.count - before.count;
  if (count < 0 || buckets.some((bucket) => bucket.count < 0)) return undefined;
  return { kind: "spread", count, sum: now.sum - before.sum, buckets };
}

function join(parts: readonly Part[], quantile: number | undefined): number | undefined {
  const numbers = parts.flatMap((part) => (part.kind === "number" ? [part.value] : []));
  if (numbers.length > 0) return numbers.reduce((sum, value) => sum + value, 0);
  const spreads = parts.flatMap((part) => (part.kind === "spread" ? [part] : []));
  if (quantile !== undefined) {
    return quantileOf(
      spreads.flatMap(({ buckets }) => buckets),
      quantile,
    );
  }
  const count = spreads.reduce((sum, part) => sum + part.count, 0);
  return count === 0 ? undefined : spreads.reduce((sum, part) => sum + part.sum, 0) / count;
}

function number(value: number): Part | undefined {
  return Number.isFinite(value) ? { kind: "number", value } : undefined;
}

function dropOld(all: Map<string, Series>, now: number): void {
  for (const [key, { last }] of all) if (now - last.at > OLDEST_SECONDS) all.delete(key);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
