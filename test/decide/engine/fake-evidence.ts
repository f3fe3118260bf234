import type { Arm, Counts, Evidence, SignalReading } from "../../../src/evidence/evidence.ts";

/** Evidence as a script says it: counts a second by version, and values of signals. */
export interface Second {
  /** Requests and errors by version. */
  readonly versions?: Readonly<Record<string, readonly [requests: number, errors: number]>>;
  readonly signals?: Readonly<Record<string, number>>;
}

const NOTHING: Counts = { requests: 0, errors: 0, slow: [], timed: 0, seconds: 0, voidSeconds: 0 };

export class FakeEvidence {
  readonly #seconds = new Map<number, Second>();

  constructor(readonly service = "checkout") {}

  /** What a second held; it is known from the next tick on. */
  add(tick: number, second: Second): void {
    this.#seconds.set(tick, second);
  }

  at(tick: number): Evidence {
    return {
      tick,
      services: [this.service],
      stateOf: () => ({ state: this.#seconds.has(tick - 1) ? "ok" : "blind", ageSeconds: 0 }),
      countsOf: (arm, seconds) => this.#counts(arm, tick, seconds),
      partsOf: () => [],
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
    return [...this.#seconds].filter(([at]) => at < tick && at >= tick - seconds);
  }

  #counts({ service, version }: Arm, tick: number, seconds: number): Counts {
    if (service !== this.service) return NOTHING;
    const past = this.#past(tick, seconds);
    const wanted = past.flatMap(([, { versions = {} }]) =>
      Object.entries(versions).flatMap(([name, counts]) =>
        name === (version ?? name) ? [counts] : [],
      ),
    );
    return {
      ...NOTHING,
      requests: wanted.reduce((sum, [requests]) => sum + requests, 0),
      errors: wanted.reduce((sum, [, errors]) => sum + errors, 0),
      seconds: past.length,
    };
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
