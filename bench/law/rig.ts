/**
 * The real rig in virtual time: open-loop Poisson clients with a deadline -> one Envoy with several
 * workers -> a FIFO server of timer-based slots. Each worker runs its own law at its own tick over
 * totals that all of them count into at once, as the filter's workers do with Envoy's metrics.
 * Requests in flight are one shared number. A client that leaves at its deadline is lost; the server
 * still does its work (a ghost), as a real server behind a proxy does.
 */
import { Request as Asked } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { EventQueue } from "./event-queue.ts";
import { Random } from "./random.ts";

/** From `atMs` on the named knobs hold; the others stay. */
export interface Change {
  readonly atMs: number;
  /** Offered load as a multiple of the first capacity. */
  readonly load?: number;
  readonly slots?: number;
  readonly serviceMs?: number;
}

export interface Setup {
  readonly seed: number;
  readonly workers: number;
  readonly slots: number;
  readonly serviceMs: number;
  readonly service: "det" | "exp";
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** Share of each tier in the offered load, sums to 1. */
  readonly tiers: readonly number[];
  readonly deadlineMs: number;
  readonly tickMs: readonly [number, number];
  readonly changes: readonly Change[];
  /** Only what is offered from here on is counted. */
  readonly fromMs: number;
  readonly endMs: number;
  /** Called after each tick of a worker, to look inside. */
  readonly onTick?: (law: Law, worker: number, nowMs: number, inflight: number) => void;
  /** What decides in each worker; absent: the law of the core. */
  readonly makeLaw?: () => Law;
}

/** What the rig asks of a law: the core's, or a peer's, which hears of every answer and loss too. */
export interface Law {
  readonly limit: number;
  admit(request: Asked, inflight: number): Verdict;
  offered(tier: number, total: number): void;
  tick(
    nowMs: number,
    admittedTotal: number,
    shedTotal: number,
    completedTotal: number,
    lostTotal: number,
    rttMsTotal: number,
    inflight: number,
  ): void;
  sample?(rttMs: number, nowMs: number, inflight: number): void;
  lost?(nowMs: number): void;
}

export interface TierResult {
  offered: number;
  shed: number;
  good: number;
  lost: number;
}

export interface Result {
  readonly tiers: readonly TierResult[];
  /** Requests the server could have served from `fromMs` to `endMs`. */
  readonly capacity: number;
  /** Requests answered within their deadline from `fromMs` to `endMs`. */
  readonly good: number;
  readonly leastLimit: number;
  readonly greatestLimit: number;
  /** Of the answered, sorted, ms. */
  readonly rttsMs: readonly number[];
  /** The same of the most important tier. */
  readonly topRttsMs: readonly number[];
}

interface Request {
  readonly atMs: number;
  readonly tier: number;
  readonly worker: number;
  isOpen: boolean;
}

type Event =
  | { readonly kind: "arrive" | "change"; readonly atMs: number; readonly change?: Change }
  | { readonly kind: "tick"; readonly atMs: number; readonly worker: number }
  | { readonly kind: "finish" | "leave"; readonly atMs: number; readonly request: Request };

/** What the workers count, in the order of the arguments of `tick`. */
interface Counts {
  admitted: number;
  shed: number;
  completed: number;
  lost: number;
  rttMs: number;
}

const noCounts = (): Counts => ({ admitted: 0, shed: 0, completed: 0, lost: 0, rttMs: 0 });

function ours({ tiers, min, max, initial }: Setup): Law {
  const law = new Shed();
  law.setTiers(tiers.length);
  law.setBounds(min, max, initial);
  return law;
}

export class Rig {
  private readonly random: Random;
  private readonly events = new EventQueue<Event>();
  private readonly laws: Law[] = [];
  private readonly totals = noCounts();
  private readonly offeredTotals: number[];
  private readonly asked = new Asked();
  private readonly tiers: TierResult[];
  private readonly waiting: Request[] = [];
  private waitingFrom = 0;
  private busy = 0;
  private inflight = 0;
  private nowMs = 0;
  private load = 0;
  private slots: number;
  private serviceMs: number;
  private capacity = 0;
  private good = 0;
  private leastLimit = Infinity;
  private greatestLimit = 0;
  private readonly rttsMs: number[] = [];
  private readonly topRttsMs: number[] = [];

  constructor(private readonly setup: Setup) {
    this.random = new Random(setup.seed);
    this.offeredTotals = setup.tiers.map(() => 0);
    this.slots = setup.slots;
    this.serviceMs = setup.serviceMs;
    this.tiers = setup.tiers.map(() => ({ offered: 0, shed: 0, good: 0, lost: 0 }));
    for (let worker = 0; worker < setup.workers; worker++) {
      this.laws.push(setup.makeLaw?.() ?? ours(setup));
      this.events.push({ kind: "tick", atMs: worker * 7, worker });
    }
    for (const change of setup.changes) {
      this.events.push({ kind: "change", atMs: change.atMs, change });
    }
    this.events.push({ kind: "arrive", atMs: 0 });
  }

  run(): Result {
    for (;;) {
      const event = this.events.pop();
      const until = Math.min(event.atMs, this.setup.endMs);
      const counted = until - Math.max(this.nowMs, this.setup.fromMs);
      if (counted > 0) this.capacity += (counted * this.slots) / this.serviceMs;
      this.nowMs = event.atMs;
      if (event.atMs >= this.setup.endMs) break;
      this.step(event);
    }
    this.rttsMs.sort((a, b) => a - b);
    this.topRttsMs.sort((a, b) => a - b);
    const { tiers, capacity, good, leastLimit, greatestLimit, rttsMs, topRttsMs } = this;
    return { tiers, capacity, good, leastLimit, greatestLimit, rttsMs, topRttsMs };
  }

  private step(event: Event): void {
    if (event.kind === "change") this.alter(event.change!);
    else if (event.kind === "tick") this.tick(event.worker);
    else if (event.kind === "finish") this.finish(event.request);
    else if (event.kind === "leave") this.leave(event.request);
    else this.arrive();
  }

  private alter(change: Change): void {
    this.load = change.load ?? this.load;
    this.slots = change.slots ?? this.slots;
    this.serviceMs = change.serviceMs ?? this.serviceMs;
    this.serve();
  }

  private arrive(): void {
    const perMs = (this.load * this.setup.slots) / this.setup.serviceMs;
    const gapMs = perMs > 0 ? this.random.exponential() / perMs : 1;
    this.events.push({ kind: "arrive", atMs: this.nowMs + gapMs });
    if (perMs > 0) this.offer();
  }

  private offer(): void {
    const tier = this.drawTier();
    const worker = Math.floor(this.random.next() * this.setup.workers);
    const counted = this.nowMs >= this.setup.fromMs;
    if (counted) this.tiers[tier]!.offered++;
    this.offeredTotals[tier]!++;
    this.asked.tier = tier;
    this.asked.cohort = Math.floor(this.random.next() * 64) / 64;
    if (this.laws[worker]!.admit(this.asked, this.inflight) !== Verdict.Admit) {
      this.totals.shed++;
      if (counted) this.tiers[tier]!.shed++;
      return;
    }
    this.totals.admitted++;
    this.inflight++;
    const request = { atMs: this.nowMs, tier, worker, isOpen: true };
    this.events.push({ kind: "leave", atMs: this.nowMs + this.setup.deadlineMs, request });
    this.waiting.push(request);
    this.serve();
  }

  private drawTier(): number {
    let u = this.random.next();
    for (let tier = 0; tier < this.setup.tiers.length - 1; tier++) {
      u -= this.setup.tiers[tier]!;
      if (u < 0) return tier;
    }
    return this.setup.tiers.length - 1;
  }

  private serve(): void {
    while (this.busy < this.slots && this.waitingFrom < this.waiting.length) {
      const request = this.waiting[this.waitingFrom++]!;
      const times = this.setup.service === "exp" ? this.random.exponential() : 1;
      this.events.push({ kind: "finish", atMs: this.nowMs + times * this.serviceMs, request });
      this.busy++;
    }
  }

  private finish(request: Request): void {
    this.busy--;
    this.serve();
    if (!request.isOpen) return;
    request.isOpen = false;
    this.inflight--;
    const rttMs = this.nowMs - request.atMs;
    this.totals.completed++;
    this.totals.rttMs += rttMs;
    this.laws[request.worker]!.sample?.(rttMs, this.nowMs, this.inflight);
    if (this.nowMs >= this.setup.fromMs) {
      this.good++;
      this.rttsMs.push(rttMs);
      if (request.tier === 0) this.topRttsMs.push(rttMs);
    }
    if (request.atMs >= this.setup.fromMs) this.tiers[request.tier]!.good++;
  }

  private leave(request: Request): void {
    if (!request.isOpen) return;
    request.isOpen = false;
    this.inflight--;
    this.totals.lost++;
    this.laws[request.worker]!.lost?.(this.nowMs);
    if (request.atMs >= this.setup.fromMs) this.tiers[request.tier]!.lost++;
  }

  private tick(worker: number): void {
    const all = this.totals;
    const law = this.laws[worker]!;
    for (const [tier, total] of this.offeredTotals.entries()) law.offered(tier, total);
    law.tick(this.nowMs, all.admitted, all.shed, all.completed, all.lost, all.rttMs, this.inflight);
    this.leastLimit = Math.min(this.leastLimit, law.limit);
    this.greatestLimit = Math.max(this.greatestLimit, law.limit);
    this.setup.onTick?.(law, worker, this.nowMs, this.inflight);
    const [least, most] = this.setup.tickMs;
    const periodMs = least + this.random.next() * (most - least);
    this.events.push({ kind: "tick", atMs: this.nowMs + periodMs, worker });
  }
}
