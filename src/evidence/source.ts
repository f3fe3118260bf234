import { type MetricName, parseMetricName } from "./metric-name.ts";
import { Series } from "./series.ts";
import { SLOT_MS, Slots, WINDOW_SLOTS } from "./slots.ts";

/** One value of one metric; counters are cumulative. */
export interface Sample {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly value: number;
}

/** Times of one cluster's requests since the report before. */
export interface Histogram {
  readonly cluster: string;
  /** Requests timed, then those slower than each of `SLOW_MS`. */
  readonly times: readonly number[];
}

export interface Entry {
  readonly name: MetricName;
  /** Absent for a gauge. */
  readonly series?: Series;
  /** As the source said it last. */
  value: number;
  /** Checkpoint of the last report it was in. */
  seen: number;
}

/**
 * Envoy repeats every metric it ever used in every report. One that stays away belongs to a process that is gone; the
 * patience lets a report that comes in several messages pass. Counted in reports, so that a gap ages nothing.
 */
const GONE_AFTER = 2 * WINDOW_SLOTS;

/** Messages of one report come together; the next report is a slot away. */
const ONE_REPORT_MS = SLOT_MS / 2;

/** Metrics of one Envoy, at most `maxSeries` of the filter and as many of clusters. Gone ones make room for new ones. */
export class Source {
  readonly slots = new Slots();
  /** What it runs as: `gateway/edge`, `sidecar/checkout`. */
  role: string | undefined;
  readonly #tables = { filter: new Map<string, Entry>(), cluster: new Map<string, Entry>() };
  #firstMs: number | undefined;

  constructor(
    readonly sinceMs: number,
    private readonly maxSeries: number,
  ) {}

  /** Returns how many samples were dropped: not finite, negative, or one too many. */
  observe(nowMs: number, samples: readonly Sample[]): number {
    this.#firstMs ??= nowMs;
    this.slots.report(nowMs);
    let dropped = 0;
    for (const sample of samples) if (!this.#keep(sample)) dropped += 1;
    return dropped;
  }

  *entries(): Iterable<Entry> {
    for (const table of Object.values(this.#tables))
      for (const entry of table.values()) if (!this.#isGone(entry)) yield entry;
  }

  #keep(sample: Sample): boolean {
    const { name, kind, value } = sample;
    if (!Number.isFinite(value) || value < 0) return false;
    const table = name.startsWith("cluster.") ? this.#tables.cluster : this.#tables.filter;
    const known = table.get(name);
    const isKnown = known !== undefined && (known.series === undefined) === (kind === "gauge");
    if (isKnown && !this.#isGone(known)) {
      known.series?.observe(this.slots.checkpoint, value);
      known.value = value;
      known.seen = this.slots.checkpoint;
      return true;
    }
    const parsed = parseMetricName(name);
    if (parsed === undefined) return true;
    if (known === undefined && table.size >= this.maxSeries && !this.#dropGone(table)) return false;
    table.set(name, this.#newEntry(parsed, sample));
    return true;
  }

  #newEntry(name: MetricName, { kind, value }: Sample): Entry {
    const { checkpoint } = this.slots;
    const entry = { name, value, seen: checkpoint };
    if (kind === "gauge") return entry;
    const series = new Series(checkpoint, this.#isFirstReport() ? value : 0);
    series.observe(checkpoint, value);
    return { ...entry, series };
  }

  /**
   * What a first report counts may be days old. Later, a counter that appears rose from 0 since the report before:
   * Envoy leaves a counter out until it first rises.
   */
  #isFirstReport(): boolean {
    return this.slots.lastMs - (this.#firstMs ?? this.slots.lastMs) < ONE_REPORT_MS;
  }

  #isGone({ seen }: Entry): boolean {
    return this.slots.checkpoint - seen > GONE_AFTER;
  }

  #dropGone(table: Map<string, Entry>): boolean {
    for (const [name, entry] of table) if (this.#isGone(entry)) return table.delete(name);
    return false;
  }
}
