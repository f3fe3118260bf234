/** Our evaluator against another implementation of CEL, told the same functions. */
import assert from "node:assert/strict";
import {
  type CelFunc,
  type CelInput,
  CelScalar,
  celEnv,
  celFunc,
  celMethod,
  isCelError,
  mapType,
  objectType,
  parse,
  plan,
} from "@bufbuild/cel";
import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { RE2JS } from "@bufbuild/re2";
import { compile } from "../../../src/policy/cel/compile.ts";
import type { ConditionFunctions } from "../../../src/policy/cel/condition-functions.ts";
import { evaluate } from "../../../src/policy/cel/evaluate.ts";
import { parseSpan } from "../../../src/policy/span.ts";
import { Random } from "../../support/fuzz/random.ts";
import { randomAnswers, randomCondition } from "../../support/fuzz/random-condition.ts";

const CONDITIONS = 2000;
const SEED = Number(process.env.QMESH_SEED ?? Math.floor(performance.timeOrigin) % 2147483647);
const { BOOL, DOUBLE, INT, STRING, DYN } = CelScalar;
const ANY_MAP = mapType(STRING, DYN);

/** What the other evaluator takes for unknown: an error. */
function known<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error("unknown");
  return answer;
}

function functionsOf(f: ConditionFunctions): CelFunc[] {
  const seconds = (window: string) => parseSpan(window) ?? 0;
  return [
    celFunc("burn", [STRING, STRING], DOUBLE, (slo, w) => known(f.burn(slo, seconds(w)))),
    celFunc("pBurn", [STRING, STRING, INT], DOUBLE, (slo, w, x) =>
      known(f.pBurn(slo, seconds(w), Number(x))),
    ),
    celFunc("rate", [STRING, STRING], DOUBLE, (name, w) => known(f.rate(name, seconds(w)))),
    celFunc("share", [STRING], DOUBLE, (tenant) => known(f.share(tenant))),
    celFunc("siem", [STRING], ANY_MAP, (name) => new Map([["score", known(f.siemScore(name))]])),
    celFunc("approved", [STRING], BOOL, (role) => known(f.approved(role))),
    celFunc("age", [STRING], objectType("google.protobuf.Duration"), (name) =>
      duration(known(f.age(name))),
    ),
    celFunc("re2", [STRING, STRING], BOOL, (text, source) => RE2JS.compile(source).testExact(text)),
    celMethod("last", ANY_MAP, [STRING], INT, (w) => BigInt(known(f.actionsLast(seconds(w))))),
  ];
}

function duration(seconds: number) {
  const whole = Math.floor(seconds);
  return create(DurationSchema, {
    seconds: BigInt(whole),
    nanos: Math.round((seconds - whole) * 1e9),
  });
}

/** What is unknown is left out, which is an error once it is read. */
function variablesOf(f: ConditionFunctions): Record<string, CelInput> {
  const holder = (field: string, name: string) => {
    const value = f.variable(name);
    if (value === undefined) return new Map();
    return new Map([[field, name === "locality.out" ? BigInt(value) : value]]);
  };
  return {
    canary: holder("weight", "canary.weight"),
    locality: holder("out", "locality.out"),
    request: holder("tier", "request.tier"),
    affected: holder("share", "affected.share"),
    actions: new Map(),
  };
}

describe("conditions beside another implementation of CEL", () => {
  it(`answers ${CONDITIONS} random ones alike, the unknown as its errors (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let decided = 0;
    for (let index = 0; index < CONDITIONS; index++) {
      const text = randomCondition(random, 2 + random.below(3));
      const compiled = compile(text, "guardrail");
      if (!compiled.ok) continue;
      const answers = randomAnswers(SEED + index, 0.2);
      const env = celEnv({
        funcs: functionsOf(answers),
        variables: {
          canary: ANY_MAP,
          locality: ANY_MAP,
          request: ANY_MAP,
          affected: ANY_MAP,
          actions: ANY_MAP,
        },
      });
      const theirs = plan(env, parse(text))(variablesOf(answers) as never);
      const ours = evaluate(compiled.expression, answers).value;

      assert.equal(ours, isCelError(theirs) ? undefined : theirs, text);
      if (ours !== undefined) decided++;
    }
    assert.ok(decided > CONDITIONS / 3, `only ${decided} decided`);
  });
});
