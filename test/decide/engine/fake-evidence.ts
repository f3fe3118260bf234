import type { Arm, Counts, Evidence, SignalReading } from "../../../src/evidence/evidence.ts";

/** Evidence as a script says it: counts a second by version, and values of signals. */
export interface Second {
  /** Requests and errors by version. */
  readonly versions?: Readonly<Record<string, readonly [requests: number, errors: number]>>;
  /** The same by locality, and by tier: views of the same requests. */
  readonly localities?: Readonly<Record<string, readonly [requests: number, errors: number]>>;
  readonly tiers?: Readonly<Record<string, readonly [requests: number, errors: number]>>;
  readonly signals?: Readonly<Record<string, number>>;
}

const NOTHING: Counts = { requests: 0, errors: 0, slow: [], timed: 0, seconds: 0, voidSeconds: 0 };

const ALL = "";

interface Sums {
  readonly requests: number[];
  readonly errors: number[];
}

export class FakeEvidence {
  readonly #places = new Set<string>();
  readonly #seconds = new Map<number, Second>();
  /** Rising. */
  readonly #ticks: number[] = [];
  /** Of each version and of all: sums up to and with each of `#ticks`. */
  readonly #sums = new Map<string, Sums>();

  constructor(readonly service = "checkout") {}

  /** What a second held; it is known from the next tick on. */
  add(tick: number, second: Second): void {
    this.#seconds.set(tick, second);
    this.#ticks.push(tick);
    const versions = Object.entries(second.versions ?? {});
    const places = Object.entries(second.localities ?? {});
    const all = [...versions, ...places, ...Object.entries(second.tiers ?? {})];
    for (const [place] of places) this.#places.add(place);
    for (const name of new Set([ALL, ...this.#sums.keys(), ...all.map(([part]) => part)])) {
      const sums = this.#sums.get(name) ?? { requests: [], errors: [] };
      this.#sums.set(name, sums);
      const counts = name === ALL ? versions : all.filter(([part]) => part === name);
      for (const [part, at] of [
        ["requests", 0],
        ["errors", 1],
      ] as const) {
        const added = counts.reduce((sum, [, pair]) => sum + pair[at], 0);
        const known = sums[part].at(-1) ?? 0;
        // A version that begins late had nothing before.
        while (sums[part].length < this.#ticks.length - 1) sums[part].push(0);
        sums[part].push(known + added);
      }
    }
  }

  at(tick: number): Evidence {
    return {
      tick,
      services: this.#ticks.length === 0 ? [] : [this.service],
      stateOf: () => ({
        state: this.#seconds.has(tick - 1) ? "ok" : "blind",
        ageSeconds: tick - 1 - (this.#ticks[this.#indexBefore(tick)] ?? Number.NEGATIVE_INFINITY),
      }),
      countsOf: (arm, seconds) => this.#counts(arm, tick, seconds),
      partsOf: (_, part) => (part === "locality" ? [...this.#places] : []),
      signal: (name) => this.#signal(name, tick),
      signalValues: (name, seconds) =>
        this.#past(tick, seconds).flatMap(([at, { signals }]) => {
          const value = signals?.[name];
          return value === undefined ? [] : [{ tick: at, value }];
        }),
      signalSum: (name, seconds) => {
        const values = this.#past(tick, seconds).flatMap(
          ([, { signals }]) => signals?.[name] ?? [],
        );
        return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
      },
      signals: [],
      disagreements: [],
      failedRequests: () => [],
    };
  }

  #past(tick: number, seconds: number): [number, Second][] {
    const from = this.#ticks.findLastIndex((at) => at < tick - seconds) + 1;
    const ticks = this.#ticks.slice(from).filter((at) => at < tick);
    return ticks.map((at) => [at, this.#seconds.get(at) ?? {}]);
  }

  #counts(
    { service, version, locality, tier, account }: Arm,
    tick: number,
    seconds: number,
  ): Counts {
    if (service !== this.service || account !== undefined) return NOTHING;
    const [from, to] = [this.#indexBefore(tick - seconds), this.#indexBefore(tick)];
    const sums = this.#sums.get(version ?? locality ?? tier ?? ALL);
    const between = (list: readonly number[] = []) => (list[to] ?? 0) - (list[from] ?? 0);
    return {
      ...NOTHING,
      requests: between(sums?.requests),
      errors: between(sums?.errors),
      seconds: to - from,
    };
  }

  /** Index of the last second before a tick; -1: none. */
  #indexBefore(tick: number): number {
    let [low, high] = [0, this.#ticks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ticks[middle] ?? 0) < tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #signal(name: string, tick: number): SignalReading | undefined {
    const past = this.#past(tick, 3600).filter(([, { signals }]) => signals?.[name] !== undefined);
    const newest = past.at(-1);
    if (newest === undefined) return undefined;
    const ageSeconds = tick - newest[0];
    const value = newest[1].signals?.[name] ?? 0;
    return { name, state: ageSeconds <= 5 ? "ok" : "blind", ageSeconds, value, labels: {} };
  }
}
