import { type ArmCounts, type ClosedSecond, NO_COUNTS, type Observation } from "./arm-counts.ts";
import { ANY_SERVICE, type Arm, type Disagreement, type Evidence } from "./evidence.ts";
import { type FailedRequest, FailedRequests } from "./failed-requests.ts";
import { Room, ServiceBook } from "./service-book.ts";
import { SignalBook, type SignalEvent } from "./signal-book.ts";
import type { SignalState } from "./snapshot.ts";

/**
 * What was counted, by service and its parts, second by second. What is observed falls into the open second; once a
 * second is closed it never changes, so a test that takes each second once sees the truth of that time. A second in
 * which a counter was reset, or that follows a push of our own to the service's cluster, is void: left out, not zero.
 */
export type LedgerEvent =
  | SignalEvent
  | { readonly kind: "failed"; readonly request: FailedRequest }
  /** What was heard in the second `tick`, now closed; then once more, what was judged of it. */
  | {
      readonly kind: "second";
      readonly tick: number;
      readonly arms: readonly (readonly [Arm, ClosedSecond])[];
      readonly disagreements: readonly Disagreement[];
    };

/** Seconds of silence until a signal is late, then blind. */
const LATE_SECONDS = 5;
const BLIND_SECONDS = 15;

/** More services are not kept: the intent knows fewer, and a liar must not take the memory. */
const MAX_SERVICES = 4096;

export class EvidenceLedger {
  readonly signals: SignalBook;
  readonly failed = new FailedRequests();
  readonly #services = new Map<string, ServiceBook>();
  /** Services whose open second, and those until this tick, are void. */
  readonly #voidUntil = new Map<string, number>();
  #disagreements: readonly Disagreement[] = [];
  #tick = 0;
  readonly #room = new Room();
  #refused = 0;

  /** `tap` is told of everything that makes up the evidence, in order. */
  constructor(private readonly tap?: (event: LedgerEvent) => void) {
    this.signals = new SignalBook(tap);
  }

  /** Observations that found no room under a name of their own. */
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
    const arms: [Arm, ClosedSecond][] = [];
    for (const [service, book] of this.#services) {
      const isVoid = (this.#voidUntil.get(service) ?? -1) >= this.#tick;
      for (const each of book.all()) {
        const closed = each.close(this.#tick, isVoid);
        if (closed !== undefined && this.tap !== undefined) arms.push([each.arm, closed]);
      }
    }
    for (const [service, until] of this.#voidUntil) {
      if (until < this.#tick) this.#voidUntil.delete(service);
    }
    this.tap?.({ kind: "second", tick: this.#tick, arms, disagreements: this.#disagreements });
    this.#tick = tick;
  }

  observe(arm: Arm, observation: Observation): void {
    this.#place(arm)?.observe(this.#tick, observation);
  }

  /** What was judged of the second that was closed last. It belongs to that second, so that none is seen without it. */
  account(accounts: readonly (readonly [Arm, Observation])[]): void {
    const tick = this.#tick - 1;
    const arms = accounts.flatMap(([arm, observation]): [Arm, ClosedSecond][] => {
      const place = this.#place(arm);
      place?.observe(tick, observation);
      const closed = place?.close(tick, false);
      return closed === undefined ? [] : [[arm, closed]];
    });
    if (arms.length === 0) return;
    this.tap?.({ kind: "second", tick, arms, disagreements: this.#disagreements });
  }

  #place(arm: Arm): ArmCounts | undefined {
    const place = this.#book(arm.service)?.place(arm, this.#tick);
    if (place === undefined || place.isOther) this.#refused += 1;
    return place?.arm;
  }

  /** The open second of a service, and `seconds` after it, say nothing. */
  voidService(service: string, seconds = 0): void {
    const until = Math.max(this.#voidUntil.get(service) ?? 0, this.#tick + seconds);
    this.#voidUntil.set(service, until);
  }

  /** A sampled request that failed. */
  noteFailed(request: Omit<FailedRequest, "tick">): void {
    const failed = { ...request, tick: this.#tick };
    if (this.failed.add(failed)) this.tap?.({ kind: "failed", request: failed });
  }

  /** Of now; replaces those before. */
  setDisagreements(disagreements: readonly Disagreement[]): void {
    this.#disagreements = disagreements;
  }

  /** What a tap was once told: the same calls in the same order make the same evidence. */
  restore(event: LedgerEvent): void {
    if (event.kind === "failed") this.failed.add(event.request);
    else if (event.kind !== "second") this.signals.restore(event);
    else this.#restoreSecond(event);
  }

  #restoreSecond(event: LedgerEvent & { readonly kind: "second" }): void {
    for (const [arm, closed] of event.arms) {
      this.#book(arm.service)?.place(arm, event.tick)?.arm.restore(event.tick, closed);
    }
    this.#disagreements = event.disagreements;
    this.#tick = event.tick + 1;
  }

  /** Everything up to the open second. */
  evidence(tick = this.#tick): Evidence {
    const heard = (arm: Arm) => this.#services.get(arm.service)?.heardTick(arm);
    return {
      tick,
      services: [...this.#services.keys()].filter((name) => name !== ANY_SERVICE).sort(),
      stateOf: (arm) => stateOf(tick - (heard(arm) ?? Number.NEGATIVE_INFINITY)),
      countsOf: (arm, seconds) =>
        this.#services.get(arm.service)?.counts(arm, tick, seconds) ?? NO_COUNTS,
      partsOf: (service, part) => this.#services.get(service)?.names(part) ?? [],
      signal: (name) => this.signals.reading(name, tick),
      signalValues: (name, seconds) => this.signals.values(name, tick, seconds),
      signalSum: (name, seconds) => this.signals.sum(name, tick, seconds),
      signals: this.signals.names,
      disagreements: this.#disagreements,
      failedRequests: (service, seconds) => this.failed.of(service, tick, seconds),
    };
  }

  #book(service: string): ServiceBook | undefined {
    const known = this.#services.get(service);
    if (known !== undefined || this.#services.size >= MAX_SERVICES) return known;
    const added = new ServiceBook(service, this.#room);
    this.#services.set(service, added);
    return added;
  }
}

function stateOf(age: number): { readonly state: SignalState; readonly ageSeconds: number } {
  const ageSeconds = Math.max(0, age);
  return { state: stateByAge(ageSeconds), ageSeconds };
}

export function stateByAge(ageSeconds: number): SignalState {
  if (ageSeconds <= LATE_SECONDS) return "ok";
  return ageSeconds <= BLIND_SECONDS ? "late" : "blind";
}
