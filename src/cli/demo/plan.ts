import type { Phase, TierShare } from "./arrivals.ts";

/** The demo's scenario: what the service can do, who asks, and how the load moves. */
export const SLOTS = 8;
export const SLOT_MS = 20;
export const DEADLINE_MS = 500;
export const SEED = 20;

/** Requests per second a service serves: exact, since its slots are. */
export function capacityRps(slots: number, slotMs: number): number {
  return (slots / slotMs) * 1000;
}

export const TIERS: readonly TierShare[] = [
  { name: "critical", share: 0.1, headers: { "x-criticality": "critical" } },
  { name: "default", share: 0.3, headers: {} },
  { name: "sheddable", share: 0.6, headers: { "x-criticality": "sheddable" } },
];

/** The load all variants are compared at, in multiples of capacity. */
export const PEAK = 5;

const RISE = [0.5, 0.8, 1.5, 3] as const;

export interface PlannedRun {
  readonly variant: "quantum mesh" | "filter off" | "adaptive_concurrency";
  readonly phases: readonly (Phase & { readonly load: number })[];
}

/** Six tenths of the time for ours, rising to the peak; two tenths for each of the others, warmed up at half load. */
export function planRuns(totalSeconds: number, capacity: number): PlannedRun[] {
  const phase = (load: number, share: number) => ({
    load,
    rps: load * capacity,
    seconds: share * totalSeconds,
  });
  const peer = [phase(0.5, 0.05), phase(PEAK, 0.15)];
  return [
    {
      variant: "quantum mesh",
      phases: [...RISE.map((load) => phase(load, 0.1125)), phase(PEAK, 0.15)],
    },
    { variant: "filter off", phases: peer },
    { variant: "adaptive_concurrency", phases: peer },
  ];
}
