import { Request } from "../../core/request.ts";
import { Shed } from "../../core/shed.ts";
import { Verdict } from "../../core/verdict.ts";
import type { Shedding } from "../../policy/intent/shedding.ts";
import { Departures } from "./departures.ts";
import { isExempt, readInputs, tenantOf, tierOf } from "./request-inputs.ts";
import type { TraceRequest } from "./trace.ts";

/** What became of one request. */
export interface Outcome {
  /** Name of the Shedding; empty: none holds the request. */
  readonly scope: string;
  /** Empty where no Shedding holds it or it is exempt. */
  readonly tier: string;
  readonly tenant: string;
  readonly isAdmitted: boolean;
  /** Admitted, but would have been shed with `mode: enforce`. */
  readonly isMarked: boolean;
}

/** Exempt requests in flight at a time, as a share of the limit, and at least so many; more are like any other. */
const EXEMPT_SHARE = 0.02;
const LEAST_EXEMPT = 4;

/**
 * One Shedding over a trace: the filter's own law, told what the filter would tell it. An admitted request holds its
 * place for as long as it took in the trace, whatever else is admitted: how the service would have slowed down or
 * sped up is not known.
 */
export class ScopeRun {
  readonly #shed = new Shed();
  readonly #request = new Request();
  readonly #inflight = new Departures();
  readonly #exempt = new Departures();
  readonly #offered: number[];
  #admitted = 0;
  #shedTotal = 0;
  #completed = 0;
  #lost = 0;
  #rttMs = 0;

  constructor(readonly shedding: Shedding) {
    const { min, max, initial } = shedding.limit;
    this.#shed.setBounds(min, max, initial);
    this.#shed.setTiers(shedding.tiers.length);
    this.#offered = shedding.tiers.map(() => 0);
  }

  /** `nowMs` never runs back. `index`: of the request in its trace. */
  decide(traced: TraceRequest, at: { readonly nowMs: number; readonly index: number }): Outcome {
    const { shedding } = this;
    const scope = shedding.name;
    const tenant = tenantOf(shedding, traced);
    const pass = { scope, tenant, isAdmitted: true, isMarked: false };
    this.#leave(at.nowMs);
    if (shedding.mode === "off") return { ...pass, tier: this.#tierName(tierOf(shedding, traced)) };
    if (isExempt(shedding, traced) && this.#enterExempt(traced, at.nowMs)) {
      return { ...pass, tier: "" };
    }
    const request = this.#request;
    const index = readInputs(shedding, traced, { request, index: at.index });
    this.#offered[index] = (this.#offered[index] ?? 0) + 1;
    const tier = this.#tierName(index);
    const isShed = this.#shed.admit(request, this.#inflight.size) !== Verdict.Admit;
    if (isShed && shedding.mode === "enforce") {
      this.#shedTotal += 1;
      return { ...pass, tier, isAdmitted: false };
    }
    this.#admitted += 1;
    this.#inflight.push(departure(traced, at.nowMs));
    return { ...pass, tier, isMarked: isShed };
  }

  /** Closes a window of the law; every 100 ms. */
  tick(nowMs: number): void {
    if (this.shedding.mode === "off") return;
    this.#leave(nowMs);
    for (const [tier, total] of this.#offered.entries()) this.#shed.offered(tier, total);
    this.#shed.tick(
      nowMs,
      this.#admitted,
      this.#shedTotal,
      this.#completed,
      this.#lost,
      this.#rttMs,
      this.#inflight.size,
    );
  }

  #tierName(index: number): string {
    return this.shedding.tiers[index]?.name ?? "";
  }

  #enterExempt(traced: TraceRequest, nowMs: number): boolean {
    const most = Math.max(LEAST_EXEMPT, EXEMPT_SHARE * this.#shed.limit);
    if (this.#exempt.size >= most) return false;
    this.#exempt.push(departure(traced, nowMs));
    return true;
  }

  #leave(nowMs: number): void {
    while (this.#exempt.pop(nowMs) !== undefined);
    for (;;) {
      const left = this.#inflight.pop(nowMs);
      if (left === undefined) return;
      if (left.isAnswered) {
        this.#completed += 1;
        this.#rttMs += left.durationMs;
      } else this.#lost += 1;
    }
  }
}

function departure({ durationMs, status }: TraceRequest, nowMs: number) {
  return { atMs: nowMs + durationMs, durationMs, isAnswered: status !== 0 };
}
