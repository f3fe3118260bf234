import type { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import type { Setup } from "./setup.ts";

/** What the rig asks of a law: the core's, or a peer's, which may hear and do a little more. */
export interface Law {
  readonly limit: number;
  /** Longest wait of an admitted request for a place below the limit, ms, the most important first; absent: none waits. */
  readonly holdMs?: number;
  admit(request: Request, inflight: number): Verdict;
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
  /** One answer. */
  sample?(rttMs: number, nowMs: number, inflight: number): void;
  /** A request that ended without one. */
  lost?(nowMs: number): void;
  /** A request that goes on to the service. */
  sent?(): void;
  /** Before each tick: the share of the service's slots that were busy since the last one. */
  busy?(share: number): void;
}

/** The law of the core. */
export function makeOurs({ tiers, min, max, initial }: Setup): Law {
  const law = new Shed();
  law.setTiers(tiers.length);
  law.setBounds(min, max, initial);
  return law;
}
