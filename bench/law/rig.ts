/**
 * The real rig in virtual time: open-loop Poisson clients with a deadline -> one Envoy with several
 * workers -> a FIFO server of timer-based slots. Each worker runs its own law at its own tick over
 * totals that all of them count into at once, as the filter's workers do with Envoy's metrics.
 * Requests in flight are one shared number. A client that leaves at its deadline is lost; the server
 * still does its work (a ghost), as a real server behind a proxy does.
 */
import { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { Clients, type Wish } from "./clients.ts";
import { Heap } from "./heap.ts";
import { type Law, makeOurs } from "./law.ts";
import { Random } from "./random.ts";
import { Recorder, type Result } from "./recorder.ts";
import { Server } from "./server.ts";
import type { Change, Setup } from "./setup.ts";

/** Called after each tick of a worker, to look inside. */
export type OnTick = (law: Law, worker: number, nowMs: number, inflight: number) => void;

/** One try of a wish. */
interface Try {
  readonly wish: Wish;
  readonly attempt: number;
  readonly worker: number;
  readonly times: number;
  /** When it went on to the service, ms. */
  sentMs: number;
  state: "held" | "sent" | "over";
}

type Event =
  | { readonly kind: "arrive" }
  | { readonly kind: "change"; readonly change: Change }
  | { readonly kind: "tick"; readonly worker: number }
  | { readonly kind: "retry"; readonly wish: Wish; readonly attempt: number }
  | { readonly kind: "finish" | "leave" | "release"; readonly one: Try };

export class Rig {
  private readonly random: Random;
  private readonly events = new Heap<Event>();
  private readonly held = new Heap<Try>();
  private readonly clients: Clients;
  private readonly server: Server<Try>;
  private readonly recorder: Recorder;
  private readonly laws: Law[] = [];
  private readonly totals = { admitted: 0, shed: 0, completed: 0, lost: 0, rttMs: 0 };
  private readonly offeredTotals: number[];
  private readonly asked = new Request();
  private inflight = 0;
  private nowMs = 0;
  private slots: number;
  private serviceMs: number;

  constructor(
    private readonly setup: Setup,
    makeLaw: (setup: Setup) => Law = makeOurs,
    private readonly onTick?: OnTick,
  ) {
    this.random = new Random(setup.seed);
    this.offeredTotals = setup.tiers.map(() => 0);
    this.slots = setup.slots;
    this.serviceMs = setup.serviceMs;
    this.clients = new Clients(this.random, setup);
    this.recorder = new Recorder(setup);
    this.server = new Server(
      this.random,
      setup.variation,
      setup.slots,
      setup.serviceMs,
      (atMs, one) => this.at(atMs, { kind: "finish", one }),
    );
    for (let worker = 0; worker < setup.workers; worker++) {
      this.laws.push(makeLaw(setup));
      this.at(worker * 7, { kind: "tick", worker });
    }
    for (const change of setup.changes) this.at(change.atMs, { kind: "change", change });
    this.at(0, { kind: "arrive" });
  }

  run(): Result {
    for (;;) {
      const atMs = this.events.leastKey;
      const event = this.events.pop();
      const nowMs = Math.min(atMs, this.setup.endMs);
      this.recorder.pass(nowMs, this.slots / (this.serviceMs * this.meanTimes), this.inflight);
      if (atMs >= this.setup.endMs) return this.recorder.close();
      this.nowMs = nowMs;
      this.step(event);
    }
  }

  private at(atMs: number, event: Event): void {
    this.events.push(atMs, event);
  }

  private get meanTimes(): number {
    return 1 + this.clients.dear * (this.setup.dearTimes - 1);
  }

  private step(event: Event): void {
    if (event.kind === "change") this.alter(event.change);
    else if (event.kind === "tick") this.tick(event.worker);
    else if (event.kind === "finish") this.finish(event.one);
    else if (event.kind === "leave") this.leave(event.one);
    else if (event.kind === "release") this.release(event.one);
    else if (event.kind === "retry") this.try(event.wish, event.attempt);
    else this.arrive();
  }

  private alter(change: Change): void {
    if (change.slots !== undefined) this.recorder.slotChangesMs.push(this.nowMs);
    this.clients.load = change.load ?? this.clients.load;
    this.clients.dear = change.dear ?? this.clients.dear;
    this.slots = change.slots ?? this.slots;
    this.serviceMs = change.serviceMs ?? this.serviceMs;
    this.server.alter(this.nowMs, this.slots, this.serviceMs);
  }

  private arrive(): void {
    this.at(this.nowMs + this.clients.drawGapMs(), { kind: "arrive" });
    if (this.clients.perMs <= 0) return;
    const wish = this.clients.draw(this.nowMs);
    this.recorder.offered(wish);
    this.try(wish, 1);
  }

  private try(wish: Wish, attempt: number): void {
    const worker = Math.floor(this.random.next() * this.setup.workers);
    const one: Try = { wish, attempt, worker, times: wish.times, sentMs: 0, state: "held" };
    const law = this.laws[worker]!;
    this.recorder.tried(wish);
    this.offeredTotals[wish.tier]!++;
    this.ask(wish, attempt);
    if (law.admit(this.asked, this.inflight) !== Verdict.Admit) {
      this.refuse(one);
      return;
    }
    this.at(this.nowMs + wish.deadlineMs, { kind: "leave", one });
    if (law.holdMs === undefined) this.send(one);
    else this.hold(one, law, law.holdMs);
  }

  private hold(one: Try, law: Law, holdMs: number): void {
    this.held.push(one.wish.tier + one.wish.cohort, one);
    this.at(this.nowMs + holdMs, { kind: "release", one });
    this.sendHeld(law);
  }

  private ask(wish: Wish, attempt: number): void {
    const { tellsAttempt, tellsDeadline } = this.setup;
    this.asked.tier = wish.tier;
    this.asked.cohort = wish.cohort;
    this.asked.tenant = wish.tenant + 1;
    this.asked.attempt = tellsAttempt ? attempt : 1;
    this.asked.deadlineMs = tellsDeadline ? wish.deadlineMs : 0;
  }

  private send(one: Try): void {
    one.state = "sent";
    one.sentMs = this.nowMs;
    this.totals.admitted++;
    this.inflight++;
    this.laws[one.worker]!.sent?.();
    this.server.offer(this.nowMs, one);
  }

  private sendHeld(law: Law): void {
    while (!this.held.isEmpty && this.inflight < law.limit) {
      const one = this.held.pop();
      if (one.state === "held") this.send(one);
    }
  }

  private release(one: Try): void {
    if (one.state === "held") this.refuse(one);
  }

  private refuse(one: Try): void {
    one.state = "over";
    this.totals.shed++;
    this.fail(one, "shed", this.setup.retriesRefusals);
  }

  private fail({ wish, attempt }: Try, how: "shed" | "lost", isRetried: boolean): void {
    if (isRetried && attempt < this.setup.attempts) {
      const atMs = this.nowMs + this.clients.drawBackOffMs(attempt);
      this.at(atMs, { kind: "retry", wish, attempt: attempt + 1 });
    } else this.recorder.failed(wish, how);
  }

  private finish(one: Try): void {
    this.server.finish(this.nowMs);
    this.recorder.finished(one.state === "sent", this.nowMs);
    if (one.state !== "sent") return;
    one.state = "over";
    this.inflight--;
    const rttMs = this.nowMs - one.sentMs;
    this.totals.completed++;
    this.totals.rttMs += rttMs;
    const law = this.laws[one.worker]!;
    law.sample?.(rttMs, this.nowMs, this.inflight);
    this.recorder.answered(one.wish, this.nowMs);
    this.sendHeld(law);
  }

  private leave(one: Try): void {
    if (one.state === "over") return;
    const law = this.laws[one.worker]!;
    if (one.state === "sent") {
      this.inflight--;
      this.totals.lost++;
      law.lost?.(this.nowMs);
    }
    one.state = "over";
    this.fail(one, "lost", true);
    this.sendHeld(law);
  }

  private tick(worker: number): void {
    const all = this.totals;
    const law = this.laws[worker]!;
    for (const [tier, total] of this.offeredTotals.entries()) law.offered(tier, total);
    law.busy?.(this.server.takeBusyShare(this.nowMs));
    law.tick(this.nowMs, all.admitted, all.shed, all.completed, all.lost, all.rttMs, this.inflight);
    this.recorder.limit(law.limit);
    this.onTick?.(law, worker, this.nowMs, this.inflight);
    const [least, most] = this.setup.tickMs;
    const periodMs = least + this.random.next() * (most - least);
    this.at(this.nowMs + periodMs, { kind: "tick", worker });
  }
}
