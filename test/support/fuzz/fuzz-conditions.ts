import assert from "node:assert/strict";
import { compile } from "../../../src/policy/cel/compile.ts";
import { evaluate } from "../../../src/policy/cel/evaluate.ts";
import { Random } from "./random.ts";
import { damaged, randomAnswers, randomCondition } from "./random-condition.ts";

export interface ConditionsTried {
  readonly tried: number;
  readonly compiled: number;
  /** Of one evaluation; its time is the shortest of three, so that a pause of the machine is not counted. */
  readonly mostSteps: number;
  readonly longestMs: number;
}

/**
 * Conditions, every other one damaged: each compiles or says why not, with a code; each that compiles takes the steps that were counted
 * beforehand, 2000 at most, and answers with true, false, or the names of what it does not know.
 */
export function fuzzConditions(seed: number, count: number): ConditionsTried {
  const random = new Random(seed);
  let compiledCount = 0;
  let mostSteps = 0;
  let longestMs = 0;
  for (let index = 0; index < count; index++) {
    const good = randomCondition(random, 2 + random.below(4));
    const text = index % 2 === 0 ? good : damaged(random, good);
    const compiled = compile(text, "guardrail");
    if (!compiled.ok) {
      assert.ok(compiled.faults.length > 0, text);
      for (const fault of compiled.faults) assert.match(fault, /^QM002[78] \S/, text);
      continue;
    }
    compiledCount++;
    const answers = randomAnswers(seed + index, 0.2);
    const answer = evaluate(compiled.expression, answers);
    longestMs = Math.max(
      longestMs,
      shortestMs(() => evaluate(compiled.expression, answers)),
    );
    assert.equal(answer.steps, compiled.program.steps, text);
    assert.ok(answer.steps <= 2000, text);
    assert.equal(answer.value === undefined, answer.unknown.length > 0, text);
    mostSteps = Math.max(mostSteps, answer.steps);
  }
  return { tried: count, compiled: compiledCount, mostSteps, longestMs };
}

/** The condition with the most steps that compiles: two loops in each other. Its figures come beside those of random ones. */
export function largestCondition(): { readonly steps: number; readonly ms: number } {
  const list = (length: number) =>
    `[${Array.from({ length }, (_, index) => `"t${index}"`).join(", ")}]`;
  const text = `${list(52)}.all(a, ${list(4)}.all(b, share(a) > 0.1 || a != b))`;
  const compiled = compile(text, "guardrail");
  assert.ok(compiled.ok, compiled.ok ? "" : compiled.faults.join());
  const answers = randomAnswers(1, 0);
  return {
    steps: compiled.program.steps,
    ms: shortestMs(() => evaluate(compiled.expression, answers)),
  };
}

function shortestMs(job: () => unknown): number {
  const times = [0, 1, 2].map(() => {
    const begin = performance.now();
    job();
    return performance.now() - begin;
  });
  return Math.min(...times);
}
