import assert from "node:assert/strict";
import { compile } from "../../../src/policy/cel/compile.ts";
import { evaluate } from "../../../src/policy/cel/evaluate.ts";
import { Random } from "./random.ts";
import { damaged, randomAnswers, randomCondition } from "./random-condition.ts";

export interface ConditionsTried {
  readonly tried: number;
  readonly compiled: number;
  /** Of one evaluation. */
  readonly mostSteps: number;
  readonly longestMs: number;
}

/**
 * Conditions, every other one damaged: each compiles or says why not, with a code; each that compiles takes the steps that were counted
 * beforehand, 10,000 at most, and answers with true, false, or the names of what it does not know.
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
    const begin = performance.now();
    const answer = evaluate(compiled.expression, randomAnswers(seed + index, 0.2));
    longestMs = Math.max(longestMs, performance.now() - begin);
    assert.equal(answer.steps, compiled.program.steps, text);
    assert.ok(answer.steps <= 10_000, text);
    assert.equal(answer.value === undefined, answer.unknown.length > 0, text);
    mostSteps = Math.max(mostSteps, answer.steps);
  }
  return { tried: count, compiled: compiledCount, mostSteps, longestMs };
}
