import type { Logger } from "pino";
import type { RateLimiter } from "../../adapters/rate-limiter.ts";
import type { ControlLoop } from "../../control/loop.ts";
import type { DecisionRecord } from "../../decide/record.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { SignalSources } from "../signal-sources.ts";

/**
 * What goes along with the control plane without a part in its order: outside sources of evidence, and whoever is told
 * what was decided. A new one is a line here.
 */
export interface Part {
  /** At the first good intent and at each that follows: as written. */
  setIntent?(policySet: PolicySet): void;
  /** The intent with all actions laid over it: at every intent, and every second. */
  setEffective?(policySet: PolicySet): void;
  /** Once a second, in seconds since 1970; must not throw, and nobody waits for it. */
  tick?(second: number): unknown;
  /** What the engine and people decided, once it is on the disk. */
  onRecords?(records: readonly DecisionRecord[]): void;
}

export function partsOf(parts: {
  readonly signals: SignalSources;
  readonly limiter: RateLimiter;
  readonly log: Logger;
}): Part[] {
  const { signals, limiter, log } = parts;
  return [
    {
      setIntent: (policySet) => signals.setIntent(policySet),
      tick: (second) => signals.tick(second),
    },
    { setEffective: ({ rateLimits }) => limiter.setLimits(rateLimits) },
    {
      onRecords: (records) => {
        for (const record of records) log.info({ record }, "decided");
      },
    },
  ];
}

export function tellIntent(parts: readonly Part[], loop: ControlLoop): void {
  const { policySet } = loop;
  if (policySet !== undefined) for (const part of parts) part.setIntent?.(policySet);
  tellEffective(parts, loop);
}

export function tellEffective(parts: readonly Part[], { effective }: ControlLoop): void {
  if (effective !== undefined) for (const part of parts) part.setEffective?.(effective);
}
