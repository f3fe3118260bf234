import type { Law } from "../../bench/law/law.ts";
import type { Setup } from "../../bench/law/setup.ts";
import { OutboundShed } from "../../src/core/outbound-shed.ts";
import type { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Verdict } from "../../src/core/verdict.ts";

/** A caller's sidecar and what went through it. */
class Caller {
  readonly law = new OutboundShed();
  readonly offered: number[];
  sent = 0;
  shed = 0;
  reports = 0;
  loads = 0;

  constructor(tiers: number) {
    this.law.setTiers(tiers);
    this.offered = Array.from({ length: tiers }, () => 0);
  }

  hear(load: number, marginalTier: number): void {
    this.reports += 1;
    this.loads += load;
    this.law.sheds(marginalTier, load);
  }

  tick(nowMs: number): void {
    for (const [tier, total] of this.offered.entries()) this.law.offered(tier, total);
    this.law.tick(nowMs, this.sent, this.shed, this.reports, this.loads);
  }
}

/** Index of the caller that sends a request. */
export type Pick = (request: Request) => number;

/**
 * Callers that shed at the source, before a service that sheds for itself, as one law of the laboratory. Which caller sends
 * a request, `pick` says; without it nobody sheds at the source. `atSource` and `atService` count what each side refused, by tier.
 */
export class CallingLaw implements Law {
  readonly service = new Shed();
  readonly callers: readonly Caller[];
  readonly atSource: number[];
  readonly atService: number[];
  private readonly offeredTotals: number[];
  private report = { load: 0, marginalTier: 0 };

  constructor(
    { tiers, min, max, initial }: Setup,
    callers: number,
    private readonly pick?: Pick,
  ) {
    this.service.setTiers(tiers.length);
    this.service.setBounds(min, max, initial);
    this.callers = Array.from({ length: callers }, () => new Caller(tiers.length));
    this.atSource = tiers.map(() => 0);
    this.atService = tiers.map(() => 0);
    this.offeredTotals = tiers.map(() => 0);
  }

  get limit(): number {
    return this.service.limit;
  }

  admit(request: Request, inflight: number): Verdict {
    const { tier } = request;
    const caller = this.pick === undefined ? undefined : this.callers[this.pick(request)]!;
    if (caller === undefined) return this.askService(request, inflight);
    caller.offered[tier]! += 1;
    const verdict = caller.law.admit(request);
    if (verdict !== Verdict.Admit) {
      caller.shed += 1;
      this.atSource[tier]! += 1;
      return verdict;
    }
    caller.sent += 1;
    // Every answer bears the report; it comes a little later, which a tick of 100 ms does not notice.
    caller.hear(this.report.load, this.report.marginalTier);
    return this.askService(request, inflight);
  }

  private askService(request: Request, inflight: number): Verdict {
    this.offeredTotals[request.tier]! += 1;
    const verdict = this.service.admit(request, inflight);
    if (verdict !== Verdict.Admit) this.atService[request.tier]! += 1;
    return verdict;
  }

  offered(): void {}

  tick(
    nowMs: number,
    admitted: number,
    _shed: number,
    completed: number,
    lost: number,
    rttMs: number,
    inflight: number,
  ): void {
    const { service } = this;
    for (const [tier, total] of this.offeredTotals.entries()) service.offered(tier, total);
    const shed = this.atService.reduce((sum, count) => sum + count, 0);
    service.tick(nowMs, admitted, shed, completed, lost, rttMs, inflight);
    const load = service.overload > 0 ? service.overload : inflight / service.limit;
    this.report = { load, marginalTier: service.marginalTier };
    for (const caller of this.callers) caller.tick(nowMs);
  }
}
