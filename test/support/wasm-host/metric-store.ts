/**
 * Envoy's metrics as a Wasm VM sees them: one process-wide set, shared by every VM, never reset by a push. Arithmetic is that
 * of Envoy's atomics: unsigned 64 bits, a gauge decremented below zero wraps. A name left out by `isKept` is a null metric:
 * every call succeeds and every reading is 0.
 */
export type MetricKind = "counter" | "gauge";

interface Metric {
  readonly kind: MetricKind;
  readonly isNull: boolean;
  value: bigint;
}

export class MetricStore {
  private readonly metrics = new Map<string, Metric>();

  constructor(private readonly isKept: (name: string) => boolean = () => true) {}

  define(kind: MetricKind, name: string): void {
    const known = this.metrics.get(name);
    if (known === undefined)
      this.metrics.set(name, { kind, isNull: !this.isKept(name), value: 0n });
    else if (known.kind !== kind) throw new Error(`metric ${name} is a ${known.kind}`);
  }

  /** False where Envoy answers BadArgument. */
  increment(name: string, by: bigint): boolean {
    const metric = this.of(name);
    if (metric.kind === "counter" && by < 0n) return false;
    if (!metric.isNull) metric.value = BigInt.asUintN(64, metric.value + by);
    return true;
  }

  record(name: string, value: bigint): boolean {
    const metric = this.of(name);
    if (metric.kind === "gauge" && !metric.isNull) metric.value = value;
    if (metric.kind === "counter" && !metric.isNull) metric.value += value;
    return true;
  }

  read(name: string): bigint {
    return this.of(name).value;
  }

  /** What `/stats` shows of it; 0 for one nobody defined. */
  value(name: string): number {
    return Number(this.metrics.get(name)?.value ?? 0n);
  }

  names(): string[] {
    return [...this.metrics.keys()].sort();
  }

  resetCounters(): void {
    for (const metric of this.metrics.values()) if (metric.kind === "counter") metric.value = 0n;
  }

  private of(name: string): Metric {
    const metric = this.metrics.get(name);
    if (metric === undefined) throw new Error(`metric ${name} is not defined`);
    return metric;
  }
}
