import { ANY_SERVICE, type Arm, type Counts, type Evidence, SLOW_MS } from "./evidence.ts";
import { Rings } from "./rings.ts";
import { SignalBook } from "./signal-book.ts";
import type { SignalState } from "./snapshot.ts";

/**
 * What was counted, by service and its parts, second by second. What is observed falls into the open second; once a
 * second is closed it never changes, so a test that takes each second once sees the truth of that time. A second in
 * which a counter was reset, or that follows a push of our own to the service's cluster, is void: left out, not zero.
 */
export interface Observation {
  readonly requests: number;
  readonly errors: number;
  /** Requests slower than each of `SLOW_MS`; absent: times are not known. */
  readonly slow?: readonly number[];
  readonly timed?: number;
}

/** Seconds of silence until a signal is late, then blind. */
const LATE_SECONDS = 5;
const BLIND_SECONDS = 15;

/** More are not kept: the intent knows fewer, and a liar must not take the memory. */
const MAX_ARMS = 4096;

/** Places of a slot. */
const REQUESTS = 0;
const ERRORS = 1;
const TIMED = 2;
const SECONDS = 3;
const VOID = 4;
const SLOW = 5;
const WIDTH = SLOW + SLOW_MS.length;

interface ArmEntry {
  readonly arm: Arm;
  readonly rings: Rings;
  open: number[] | undefined;
  heardTick: number;
}

export class EvidenceLedger {
  readonly signals = new SignalBook();
  readonly #arms = new Map<string, ArmEntry>();
  /** Services whose open second, and those until this tick, are void. */
  readonly #voidUntil = new Map<string, number>();
  #tick = 0;
  #refused = 0;

  /** Observations that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /** The second now open. */
  get tick(): number {
    return this.#tick;
  }

  /** Closes every second before `tick`. Time that runs back closes nothing. */
  advance(tick: number): void {
    if (tick <= this.#tick) return;
    for (const entry of this.#arms.values()) this.#close(entry);
    for (const [service, until] of this.#voidUntil) {
      if (until < this.#tick) this.#voidUntil.delete(service);
    }
    this.#tick = tick;
  }

  observe(arm: Arm, { requests, errors, slow, timed = 0 }: Observation): void {
    const entry = this.#entry(arm);
    if (entry === undefined) return;
    entry.heardTick = this.#tick;
    entry.open ??= new Array<number>(WIDTH).fill(0);
    const { open } = entry;
    const add = (place: number, value: number) => {
      open[place] = (open[place] ?? 0) + value;
    };
    add(REQUESTS, requests);
    add(ERRORS, errors);
    add(TIMED, timed);
    for (const [i, value] of (slow ?? []).entries()) add(SLOW + i, value);
  }

  /** The open second of a service, and `seconds` after it, say nothing. */
  voidService(service: string, seconds = 0): void {
    const until = Math.max(this.#voidUntil.get(service) ?? 0, this.#tick + seconds);
    this.#voidUntil.set(service, until);
  }

  /** Everything up to the open second. */
  evidence(): Evidence {
    const tick = this.#tick;
    const services = [...new Set([...this.#arms.values()].map(({ arm }) => arm.service))]
      .filter((service) => service !== ANY_SERVICE)
      .sort();
    return {
      tick,
      services,
      stateOf: (arm) => this.#stateOf(arm, tick),
      countsOf: (arm, seconds) => this.#countsOf(arm, tick, seconds),
      partsOf: (service, part) => this.#partsOf(service, part),
      signal: (name) => this.signals.reading(name, tick),
      signalValues: (name, seconds) => this.signals.values(name, tick, seconds),
      disagreements: [],
    };
  }

  #close(entry: ArmEntry): void {
    const { open } = entry;
    if (open === undefined) return;
    entry.open = undefined;
    const isVoid = (this.#voidUntil.get(entry.arm.service) ?? -1) >= this.#tick;
    const values = isVoid ? new Array<number>(WIDTH).fill(0) : open;
    // An answer is counted when it comes, and a report may fall between its two counters.
    values[ERRORS] = Math.min(values[ERRORS] ?? 0, values[REQUESTS] ?? 0);
    values[isVoid ? VOID : SECONDS] = 1;
    entry.rings.add(this.#tick, values);
  }

  #entry(arm: Arm): ArmEntry | undefined {
    const key = keyOf(arm);
    const known = this.#arms.get(key);
    if (known !== undefined) return known;
    if (this.#arms.size >= MAX_ARMS) {
      this.#refused += 1;
      return undefined;
    }
    const added = { arm, rings: new Rings(WIDTH), open: undefined, heardTick: this.#tick };
    this.#arms.set(key, added);
    return added;
  }

  #stateOf(arm: Arm, tick: number): { state: SignalState; ageSeconds: number } {
    const heard = this.#matching(arm).map(({ heardTick }) => heardTick);
    if (heard.length === 0) return { state: "blind", ageSeconds: Number.POSITIVE_INFINITY };
    const ageSeconds = Math.max(0, tick - Math.max(...heard));
    return { state: stateByAge(ageSeconds), ageSeconds };
  }

  #countsOf(arm: Arm, tick: number, seconds: number): Counts {
    const sums = this.#matching(arm).map(({ rings }) => rings.sum(tick, seconds));
    const total = (place: number) => sums.reduce((sum, each) => sum + (each[place] ?? 0), 0);
    // Several arms make one service: a second counts once, and is void if it is for one of them.
    const most = (place: number) => Math.max(0, ...sums.map((each) => each[place] ?? 0));
    return {
      requests: total(REQUESTS),
      errors: total(ERRORS),
      slow: SLOW_MS.map((_, i) => total(SLOW + i)),
      timed: total(TIMED),
      seconds: most(SECONDS),
      voidSeconds: most(VOID),
    };
  }

  /** Versions make the whole of a service; other parts are views of the same requests. */
  #matching(arm: Arm): readonly ArmEntry[] {
    const exact = this.#arms.get(keyOf(arm));
    if (exact !== undefined) return [exact];
    if (Object.keys(arm).length > 1) return [];
    return [...this.#arms.values()].filter(
      ({ arm: { service, version } }) => service === arm.service && version !== undefined,
    );
  }

  #partsOf(service: string, part: keyof Arm): readonly string[] {
    const names = [...this.#arms.values()].flatMap(({ arm }) =>
      arm.service === service ? (arm[part] ?? []) : [],
    );
    return [...new Set(names)].sort();
  }
}

export function stateByAge(ageSeconds: number): SignalState {
  if (ageSeconds <= LATE_SECONDS) return "ok";
  return ageSeconds <= BLIND_SECONDS ? "late" : "blind";
}

function keyOf({ service, version, locality, tier, tenant, cohort }: Arm): string {
  return JSON.stringify([service, version, locality, tier, tenant, cohort]);
}
