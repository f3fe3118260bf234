import type { StatusDocument } from "./status-document.ts";
import type { HistoryView } from "./view/mesh.ts";

/**
 * What the mesh reported in the last 15 minutes by the second and in the last 6 hours by the quarter of a minute, summed over
 * Envoys, in memory of fixed bounds: charts begin with a past. A series that says nothing any more is forgotten with its
 * last point. Of two points in one second the later holds.
 */
const FINE = { stepSeconds: 1, points: 900 };
const COARSE = { stepSeconds: 15, points: 1440 };

/** 512 series of 2,340 points of 4 bytes: 5 MB. */
const MAX_SERIES = 512;

export class History {
  readonly #fine = new Ring(FINE);
  readonly #coarse = new Ring(COARSE);

  /** `second`: of Unix time. */
  add(second: number, values: ReadonlyMap<string, number>): void {
    this.#fine.add(second, values);
    this.#coarse.add(second, values);
  }

  /** Series whose name begins with `prefix`, by name; as fine as `seconds` back allows. */
  read(prefix: string, seconds: number): HistoryView {
    const ring = seconds <= FINE.points ? this.#fine : this.#coarse;
    return ring.read(prefix, seconds);
  }

  /** The newest point. */
  get newest(): HistoryView {
    return this.#fine.read("", 1);
  }
}

class Ring {
  readonly #series = new Map<string, Float32Array>();
  /** In steps of Unix time. */
  #newest = -1;
  #oldest = 0;

  constructor(private readonly size: typeof FINE) {}

  add(second: number, values: ReadonlyMap<string, number>): void {
    const { stepSeconds, points } = this.size;
    const step = Math.floor(second / stepSeconds);
    if (step < this.#newest) return;
    if (this.#newest < 0) this.#oldest = step;
    else
      for (let gap = Math.max(this.#newest + 1, step - points + 1); gap <= step; gap++)
        this.#clear(gap);
    this.#newest = step;
    this.#oldest = Math.max(this.#oldest, step - points + 1);
    for (const [name, value] of values) {
      const series = this.#seriesOf(name);
      if (series !== undefined) series[step % points] = value;
    }
    if (step % points === 0) this.#forgetSilent();
  }

  read(prefix: string, seconds: number): HistoryView {
    const { stepSeconds, points } = this.size;
    const from = Math.max(this.#oldest, this.#newest - Math.ceil(seconds / stepSeconds) + 1);
    const steps = Array.from({ length: Math.max(0, this.#newest - from + 1) }, (_, i) => from + i);
    const names = [...this.#series.keys()].filter((name) => name.startsWith(prefix)).sort();
    return {
      stepSeconds,
      times: steps.map((step) => step * stepSeconds),
      series: names.map((name) => {
        const series = this.#series.get(name);
        return { name, values: steps.map((step) => known(series?.[step % points])) };
      }),
    };
  }

  #seriesOf(name: string): Float32Array | undefined {
    const known = this.#series.get(name);
    if (known !== undefined || this.#series.size >= MAX_SERIES) return known;
    const made = new Float32Array(this.size.points).fill(Number.NaN);
    this.#series.set(name, made);
    return made;
  }

  #clear(step: number): void {
    for (const series of this.#series.values()) series[step % this.size.points] = Number.NaN;
  }

  #forgetSilent(): void {
    for (const [name, series] of this.#series)
      if (series.every(Number.isNaN)) this.#series.delete(name);
  }
}

/** Three digits are what a chart shows. */
function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(4));
}

/** The points of one second. */
export function pointsOf({ nodes }: StatusDocument): ReadonlyMap<string, number> {
  const points = new Map<string, number>();
  const add = (name: string, value: number) => points.set(name, (points.get(name) ?? 0) + value);
  for (const { evidence } of nodes) {
    if (evidence === undefined || evidence.state === "blind") continue;
    for (const { scope, limit, inflight, rttMs, lostRps, tiers } of evidence.scopes) {
      const name = `shedding/${scope}`;
      add(`${name}/limit`, limit);
      add(`${name}/inflight`, inflight);
      add(`${name}/lostRps`, lostRps);
      if (rttMs !== undefined)
        points.set(`${name}/rttMs`, Math.max(rttMs, points.get(`${name}/rttMs`) ?? 0));
      for (const tier of tiers) {
        add(`${name}/tier/${tier.tier}/admittedRps`, tier.admittedRps);
        add(`${name}/tier/${tier.tier}/shedRps`, tier.shedRps + tier.wouldShedRps);
      }
    }
    for (const { cluster, requestRps, error5xxRps } of evidence.clusters) {
      add(`cluster/${cluster}/requestRps`, requestRps);
      add(`cluster/${cluster}/error5xxRps`, error5xxRps);
    }
  }
  return points;
}
