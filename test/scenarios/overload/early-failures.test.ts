import assert from "node:assert/strict";
import { figureOf } from "../../../bench/law/figures.ts";
import type { Law } from "../../../bench/law/law.ts";
import { Rig } from "../../../bench/law/rig.ts";
import { parseScenarios } from "../../../bench/law/scenario.ts";
import {
  BaselineOfFirstWindow,
  DrainProbe,
  RateOfOwnCompletions,
  TwiceThePeak,
} from "./early-failures.ts";

const SEEDS = [2001, 2002];

/** A figure of the law of the core, or of a rule, in a scenario given as in `experiments.txt` without name and bounds. */
function figure(name: string, scenario: string, makeRule?: () => Law): number {
  const [{ setup }] = parseScenarios(`- | ${scenario} | `) as [
    ReturnType<typeof parseScenarios>[number],
  ];
  const workers = makeRule === undefined ? setup.workers : 1;
  return figureOf(
    SEEDS.map((seed) => new Rig({ ...setup, workers, seed }, makeRule).run()),
    name,
  );
}

describe(`rules that failed before, seeds ${SEEDS.join(" ")}`, () => {
  it("does not strangle itself: 98 % of capacity at 1.2x, where a rate of own completions decays below 75 %", () => {
    const scenario = "c32 exp d1000 t10,30,30,30 | 0.7@0 1.2@5 end@35 | 5";

    assert.ok(figure("good", scenario) >= 0.98);
    assert.ok(figure("good", scenario, () => new RateOfOwnCompletions()) < 0.75);
  });

  it("is not misled by the first quick answers: at most 0.3 % shed from a cold start at 80 %, not above 10 %", () => {
    const scenario = "c32 r200 exp d4000 t10,30,30,30 | 0.8@0 end@20 | 0";

    assert.ok(figure("shed", scenario) <= 0.003);
    assert.ok(figure("shed", scenario, () => new BaselineOfFirstWindow()) > 0.1);
  });

  it("does not run after the queue: critical p99 at most 130 ms at 2x, where twice the peak in flight serves half", () => {
    const scenario = "c32 exp d1000 t10,30,30,30 | 0.7@0 2@5 end@25 | 5";

    assert.ok(figure("top99", scenario) <= 130);
    assert.ok(figure("good", scenario, () => new TwiceThePeak()) < 0.5);
  });

  it("drains nothing to measure: at most 0.05 % shed at 80 %, where drain probes lock in above 10 %", () => {
    const scenario = "c32 r200 exp d4000 t10,30,30,30 | 0.8@0 end@35 | 5";

    assert.ok(figure("shed", scenario) <= 0.0005);
    assert.ok(figure("shed", scenario, () => new DrainProbe()) > 0.1);
  });
});
