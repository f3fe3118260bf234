import type { Arm, Counts, Evidence } from "../../evidence/evidence.ts";
import { SLOW_MS } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/automation.ts";

/** Good and bad of an objective over a window, from counts; undefined: nothing may be concluded. */
export interface Balance {
  readonly bad: number;
  readonly total: number;
  /** Seconds that had evidence. */
  readonly seconds: number;
}

/** `part`: of some of the Envoys, or of one locality; absent: of the whole service. */
export function balanceOf(
  slo: Slo,
  evidence: Evidence,
  seconds: number,
  part: Pick<Arm, "cohort" | "locality"> = {},
): Balance | undefined {
  const arm = { ...part, service: slo.service };
  if (evidence.stateOf(arm).state === "blind") return undefined;
  const { indicator } = slo;
  if (indicator.kind === "prometheus") {
    return Object.keys(part).length === 0 ? queried(slo, evidence, seconds) : undefined;
  }
  const counts = evidence.countsOf(arm, seconds);
  if (counts.seconds === 0) return undefined;
  if (indicator.kind === "errors") {
    return { bad: counts.errors, total: counts.requests, seconds: counts.seconds };
  }
  return {
    bad: slowerThan(counts, indicator.thresholdMs),
    total: counts.timed,
    seconds: counts.seconds,
  };
}

/** Two counters that a query gives: what they rose by. */
function queried(slo: Slo, evidence: Evidence, seconds: number): Balance | undefined {
  const rise = (part: "good" | "total"): number | undefined => {
    const values = evidence.signalValues(`slo.${slo.name}.${part}`, seconds);
    const first = values[0];
    const last = values.at(-1);
    if (first === undefined || last === undefined || values.length < 2) return undefined;
    return last.value >= first.value ? last.value - first.value : undefined;
  };
  const good = rise("good");
  const total = rise("total");
  if (good === undefined || total === undefined) return undefined;
  return { bad: Math.max(0, total - good), total, seconds };
}

/** Requests slower than the edge of the histogram nearest above the threshold. */
export function slowerThan({ slow }: Counts, thresholdMs: number): number {
  const at = SLOW_MS.findIndex((edge) => edge >= thresholdMs);
  return (at < 0 ? slow.at(-1) : slow[at]) ?? 0;
}

/** Multiples of the rate that would just use up the error budget; undefined without a request. */
export function burnOf({ target }: Slo, balance: Balance | undefined): number | undefined {
  if (balance === undefined || balance.total === 0) return undefined;
  return balance.bad / balance.total / (1 - target);
}
