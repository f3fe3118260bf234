import { type Counts, SLOW_MS } from "../../evidence/evidence.ts";

/** Counts of a window as people read them: rates, shares, quantiles and a histogram; what is not known is absent. */
interface Rates {
  readonly requestRps?: number;
  readonly errorRatio?: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
}

export function ratesOf(counts: Counts): Rates {
  if (counts.seconds === 0) return {};
  const { requests, errors, seconds, timed } = counts;
  return {
    requestRps: requests / seconds,
    ...(requests > 0 && { errorRatio: errors / requests }),
    ...(timed > 0 && {
      p50Ms: quantileMs(counts, 0.5),
      p95Ms: quantileMs(counts, 0.95),
      p99Ms: quantileMs(counts, 0.99),
    }),
  };
}

/** Upper edge of its bucket. */
function quantileMs({ slow, timed }: Counts, q: number): number {
  const at = slow.findIndex((count) => count <= (1 - q) * timed);
  return SLOW_MS[at < 0 ? SLOW_MS.length - 1 : at] ?? 0;
}

/** Envoy's buckets arrive one after another: a coarser one that is behind for a second is no negative count. */
export function histogramOf({ slow, timed }: Counts): { toMs?: number; requests: number }[] {
  const above = [timed, ...slow].map((_, at, all) => Math.max(0, ...all.slice(at)));
  const buckets = SLOW_MS.map((toMs, at) => ({
    toMs,
    requests: (above[at] ?? 0) - (above[at + 1] ?? 0),
  }));
  return [...buckets, { requests: above.at(-1) ?? 0 }];
}
