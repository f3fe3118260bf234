import assert from "node:assert/strict";
import { SLOW_MS } from "../../../src/evidence/evidence.ts";
import { LATENCY_EDGES_MS } from "../../../src/policy/automation/indicator.ts";
import { compile } from "../../../src/policy/cel/compile.ts";
import type { ConditionFunctions } from "../../../src/policy/cel/condition-functions.ts";
import { type Evaluation, evaluate } from "../../../src/policy/cel/evaluate.ts";

/** Everything is unknown but what a test says. */
function ask(text: string, answers: Partial<ConditionFunctions> = {}): Evaluation {
  const compiled = compile(text, "guardrail");
  assert.ok(compiled.ok, compiled.ok ? "" : compiled.faults.join());
  const functions = new Proxy(answers, {
    get: (target, name) => Reflect.get(target, name) ?? (() => undefined),
  });
  return evaluate(compiled.expression, functions as ConditionFunctions);
}

const UNKNOWN = "approved('x')";

describe("a condition with an unknown part", () => {
  const table: readonly [string, boolean | undefined][] = [
    [`false && ${UNKNOWN}`, false],
    [`${UNKNOWN} && false`, false],
    [`true && ${UNKNOWN}`, undefined],
    [`${UNKNOWN} && ${UNKNOWN}`, undefined],
    [`true || ${UNKNOWN}`, true],
    [`${UNKNOWN} || true`, true],
    [`false || ${UNKNOWN}`, undefined],
    [`!${UNKNOWN}`, undefined],
    [`${UNKNOWN} == ${UNKNOWN}`, undefined],
    [`${UNKNOWN} ? true : true`, undefined],
    [`true ? true : ${UNKNOWN}`, true],
    [`false ? true : ${UNKNOWN}`, undefined],
    [`["a", "b"].exists(t, t == "a" || share(t) > 0.5)`, true],
    [`["a", "b"].exists(t, t == "c" || share(t) > 0.5)`, undefined],
    [`["a", "b"].all(t, t == "a" && share(t) > 0.5)`, false],
    ["1 / 0 == 1", undefined],
    ["1 % 0 == 1 && false", false],
    ["9223372036854775807 + 1 > 0", undefined],
    ["1.0 / 0.0 > 5.0", true],
    ["1.0 / -(0.0) < 5.0", true],
    [`duration("5s") - duration("6s") < duration("0s")`, true],
  ];
  for (const [text, expected] of table) {
    it(`is ${expected ?? "unknown"}: ${text}`, () => {
      assert.equal(ask(text).value, expected);
    });
  }

  it("names what it does not know, each once, and only what matters", () => {
    const text = 'burn("a", "5m") > 1.0 && (burn("a", "5m") > 2.0 || canary.weight > 5)';

    assert.deepEqual(ask(text).unknown, ['burn("a", "5m")', "canary.weight"]);
    assert.deepEqual(ask(`false && ${text}`).unknown, []);
  });

  it("takes NaN for unknown", () => {
    const { value, unknown } = ask('burn("a", "5m") > 1.0', { burn: () => Number.NaN });

    assert.deepEqual([value, unknown], [undefined, ['burn("a", "5m")']]);
  });
});

describe("the trace of a condition", () => {
  it("holds all 8 subexpressions with their values, inner before outer, also where the answer is settled", () => {
    const { value, trace } = ask(
      'burn("a","5m") > 14.4 || (age("requests") < duration("30s") && !approved("sre"))',
      { burn: () => 20, age: () => 12.5, approved: () => undefined },
    );

    assert.equal(value, true);
    assert.deepEqual(trace, [
      { what: 'burn("a", "5m")', value: 20 },
      { what: 'burn("a", "5m") > 14.4', value: true },
      { what: 'age("requests")', value: 12.5 },
      { what: 'age("requests") < duration("30s")', value: true },
      { what: 'approved("sre")', value: undefined },
      { what: '!approved("sre")', value: undefined },
      { what: 'age("requests") < duration("30s") && !approved("sre")', value: undefined },
      {
        what: 'burn("a", "5m") > 14.4 || age("requests") < duration("30s") && !approved("sre")',
        value: true,
      },
    ]);
  });

  it("says the value of a loop's variable", () => {
    const { trace } = ask('["gold"].all(t, share(t) > 0.5)', { share: () => 0.25 });

    assert.deepEqual(trace.slice(0, 2), [
      { what: 'share(t) (t = "gold")', value: 0.25 },
      { what: 'share(t) > 0.5 (t = "gold")', value: false },
    ]);
  });
});

describe("the functions of conditions", () => {
  it("get windows in seconds, names as written and whole numbers as numbers", () => {
    const asked: unknown[] = [];
    const note = (...args: readonly unknown[]) => {
      asked.push(args);
      return 1;
    };
    ask(
      'pBurn("slo", "1h30m", 2) > 0.5 && forecast("cost", "eod", 0.8) > 1.0 && actions.last("1d") > 0',
      {
        pBurn: note,
        forecast: note,
        actionsLast: note,
      },
    );

    assert.deepEqual(asked, [["slo", 5400, 2], ["cost", "eod", 0.8], [86_400]]);
  });

  it("are known by what they read when the intent is loaded", () => {
    const text = 'burn("b", "5m") > 1.0 && siem("a").score > 0.5 && burn("b", "1h") > 1.0';
    const compiled = compile(text, "when");

    assert.ok(compiled.ok);
    assert.deepEqual(compiled.expression, { text, reads: ["burn:b", "siem:a"] });
  });
});

describe("the cost of a condition", () => {
  it("is linear in the text for a regular expression that is exponential elsewhere", () => {
    const answers = { variable: () => `${"a".repeat(50_000)}!` };
    const { value, steps } = ask('re2(request.tier, "(a+)+")', answers);

    assert.deepEqual([value, steps], [false, 2]);
  });

  it("is the same number of steps whatever is known", () => {
    const text = '["a", "b"].all(t, share(t) > 0.5 || share(t) < 0.1) && canary.weight > 1';
    const steps = [() => undefined, () => 0, () => 1].map((share) => ask(text, { share }).steps);

    assert.deepEqual(new Set(steps).size, 1);
  });
});

describe("latency objectives", () => {
  it("take the times evidence counts, and no other", () => {
    assert.deepEqual(LATENCY_EDGES_MS, [...SLOW_MS]);
  });
});
