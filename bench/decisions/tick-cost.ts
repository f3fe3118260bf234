import { performance } from "node:perf_hooks";
import {
  type CanaryEvidence,
  newCanaryEvidence,
  observeSecond,
  verdict,
} from "../../src/decide/stats/canary.ts";
import { median } from "../page.ts";
import { type Line, MARGIN, note } from "./canary-experiments.ts";
import { judgeOf } from "./canary-judges.ts";
import { type Slice, trafficOf } from "./canary-traffic.ts";

const ROLLOUTS = 1000;
const TICKS = 100;
const WARM_UP = 50;

/** A thousand canaries with errors, p90, p95 and p99, moved on and judged once. */
export function tickCost(seed: number): Line {
  note("cost of a tick");
  const regime = { name: "", rps: 5, base: 0.01, timeSigma: 0.6 };
  const slices = [...trafficOf(regime, seed)].map(asSecond);
  let states: CanaryEvidence[] = Array.from({ length: ROLLOUTS }, () =>
    newCanaryEvidence(judgeOf(MARGIN, true)),
  );
  const times: number[] = [];
  for (let tick = 0; tick < WARM_UP + TICKS; tick++) {
    const begun = performance.now();
    states = states.map((state, at) => observeSecond(state, slices[(tick + at) % slices.length]!));
    for (const state of states) verdict(state);
    if (tick >= WARM_UP) times.push(performance.now() - begun);
  }
  const bytes = JSON.stringify(states[0]).length;
  return {
    cells: [
      "a tick of 1,000 canaries with 4 signals, median; state of one",
      "< 20 ms",
      `${median(times).toFixed(1)} ms; ${(bytes / 1000).toFixed(1)} kB`,
      "-",
      "-",
      "-",
    ],
    isMet: median(times) < 20,
  };
}

/** A slice of 10 s at 5 rps taken for a second at 50. */
function asSecond(slice: Slice): Slice {
  return {
    ...slice,
    canary: { ...slice.canary, seconds: 1 },
    stable: { ...slice.stable, seconds: 1 },
  };
}
