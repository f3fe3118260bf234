/**
 * Evaluates a condition with three values: what is blind is unknown, and unknown is whatever depends on it. `false && unknown` is
 * false, `true || unknown` is true; so are `all` and `exists`. Every subexpression is evaluated, also where the answer is settled, since the
 * explanation shows them all.
 */
import type { Expression } from "../expression.ts";
import { compareValues, compute, isEqual, isIn, negate } from "./arithmetic.ts";
import { programOf } from "./compile.ts";
import type { ConditionFunctions } from "./condition-functions.ts";
import { FUNCTIONS, VARIABLES } from "./language.ts";
import { Duration, type Tree, type Value } from "./tree.ts";

export interface Evaluation {
  /** Undefined: it depends on what is unknown. */
  readonly value: boolean | undefined;
  /** Subexpressions but literals and lists, inner before outer; undefined: unknown. */
  readonly trace: readonly TraceEntry[];
  /** The functions and variables that were unknown and matter to the answer, in order; empty if `value` is known. */
  readonly unknown: readonly string[];
  /** Steps taken. */
  readonly steps: number;
}

export interface TraceEntry {
  /** In CEL; inside a loop with the value of its variable behind. */
  readonly what: string;
  /** Durations in seconds. */
  readonly value: boolean | number | string | undefined;
}

export function evaluate(expression: Expression, functions: ConditionFunctions): Evaluation {
  const program = programOf(expression.text);
  if ("faults" in program) throw new Error(`invariant: ${expression.text} was never compiled`);
  const run = new Run(functions);
  const answer = run.value(program.tree);
  return {
    value: typeof answer === "boolean" ? answer : undefined,
    trace: run.trace,
    unknown: answer instanceof Unknown ? [...new Set(answer.names)] : [],
    steps: run.steps,
  };
}

class Unknown {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }
}

type Outcome = Value | Unknown;
/** Variables of the loops around, and how the trace shows them. */
interface Bound {
  readonly values: ReadonlyMap<string, Value>;
  readonly shown: string;
}
const NONE: Bound = { values: new Map(), shown: "" };

class Run {
  readonly trace: TraceEntry[] = [];
  steps = 0;
  private readonly functions: ConditionFunctions;

  constructor(functions: ConditionFunctions) {
    this.functions = functions;
  }

  value(tree: Tree, bound: Bound = NONE): Outcome {
    this.steps += 1;
    if (tree.kind === "literal") return tree.value;
    if (tree.kind === "bound") return bound.values.get(tree.name) ?? new Unknown([tree.name]);
    if (tree.kind === "list") return allKnown(tree.items.map((item) => this.value(item, bound)));
    const outcome = this.inner(tree, bound);
    this.trace.push({ what: tree.text + bound.shown, value: toTrace(outcome) });
    return outcome;
  }

  private inner(
    tree: Exclude<Tree, { kind: "literal" | "bound" | "list" }>,
    bound: Bound,
  ): Outcome {
    switch (tree.kind) {
      case "variable":
        return this.variable(tree.name);
      case "call":
        return this.call(tree, bound);
      case "not":
        return strictly([this.value(tree.of, bound)], ([of]) => of !== true);
      case "minus":
        return strictly([this.value(tree.of, bound)], ([of]) => orUnknown(negate(of), tree.text));
      case "and":
      case "or":
        return join(tree.kind, [this.value(tree.left, bound), this.value(tree.right, bound)]);
      case "choice": {
        const condition = this.value(tree.condition, bound);
        const [yes, no] = [this.value(tree.yes, bound), this.value(tree.no, bound)];
        if (condition instanceof Unknown) return condition;
        return condition === true ? yes : no;
      }
      case "binary":
        return this.binary(tree, bound);
      case "text":
        return strictly([this.value(tree.of, bound), this.value(tree.part, bound)], ([of, part]) =>
          holds(tree.method, String(of), String(part)),
        );
      case "regex":
        return strictly([this.value(tree.of, bound)], ([of]) => tree.matches(String(of)));
      case "exists":
      case "all":
        return join(
          tree.kind === "all" ? "and" : "or",
          tree.items.map((item) => this.body(tree, this.value(item, bound), bound)),
        );
    }
  }

  private body(
    { variable, body }: { readonly variable: string; readonly body: Tree },
    item: Outcome,
    bound: Bound,
  ): Outcome {
    if (item instanceof Unknown) {
      // Its steps are taken all the same, so that their number does not depend on evidence.
      this.value(body, bound);
      return item;
    }
    return this.value(body, bindTo(bound, variable, item));
  }

  private variable(name: string): Outcome {
    const type = VARIABLES[name]?.type ?? "string";
    return answered(this.functions.variable(name), { type, text: name });
  }

  private call(tree: Tree & { readonly kind: "call" }, bound: Bound): Outcome {
    const entry = FUNCTIONS[tree.name];
    if (entry === undefined) throw new Error(`invariant: no function ${tree.name}`);
    const args = tree.args.map((arg) => this.value(arg, bound));
    return strictly(args, (values) => {
      const plain = values.map((value) => (typeof value === "string" ? value : Number(value)));
      const type = entry.gives === "score" ? "double" : entry.gives;
      return answered(entry.ask(this.functions, plain), { type, text: tree.text });
    });
  }

  private binary(tree: Tree & { readonly kind: "binary" }, bound: Bound): Outcome {
    const sides = [this.value(tree.left, bound), this.value(tree.right, bound)];
    const { operator, text } = tree;
    return strictly(sides, ([left, right]) => {
      switch (operator) {
        case "==":
          return isEqual(left, right);
        case "!=":
          return !isEqual(left, right);
        case "in":
          return isIn(left, right);
        case "<":
        case "<=":
        case ">":
        case ">=":
          return compareValues(operator, left, right);
        default:
          return orUnknown(compute(operator, left, right), text);
      }
    });
  }
}

/** What the engine answered, as a value of the language; anything but an answer is unknown. */
function answered(
  answer: boolean | number | string | undefined,
  { type, text }: { type: string; text: string },
): Outcome {
  if (answer === undefined || Number.isNaN(answer)) return new Unknown([text]);
  if (typeof answer !== "number") return answer;
  if (type === "duration") return new Duration(answer);
  if (type !== "int") return answer;
  return Number.isFinite(answer) ? BigInt(Math.trunc(answer)) : new Unknown([text]);
}

/** A value that could not be computed, as by a division by zero, is unknown under the name of what computes it. */
function orUnknown(value: Value | undefined, text: string): Outcome {
  return value ?? new Unknown([text]);
}

function holds(method: "startsWith" | "endsWith" | "contains", of: string, part: string): boolean {
  if (method === "contains") return of.includes(part);
  return method === "startsWith" ? of.startsWith(part) : of.endsWith(part);
}

function strictly(outcomes: readonly Outcome[], then: (values: Value[]) => Outcome): Outcome {
  const known = allKnown(outcomes);
  return known instanceof Unknown ? known : then(known as Value[]);
}

function allKnown(outcomes: readonly Outcome[]): readonly Value[] | Unknown {
  if (!outcomes.some((each) => each instanceof Unknown)) return outcomes as readonly Value[];
  const names = outcomes.flatMap((each) => (each instanceof Unknown ? each.names : []));
  return new Unknown(names);
}

function join(kind: "and" | "or", sides: readonly Outcome[]): Outcome {
  const settles = kind === "or";
  if (sides.includes(settles)) return settles;
  const known = allKnown(sides);
  return known instanceof Unknown ? known : !settles;
}

function toTrace(outcome: Outcome): TraceEntry["value"] {
  if (outcome instanceof Unknown) return undefined;
  if (outcome instanceof Duration) return outcome.seconds;
  return typeof outcome === "bigint" ? Number(outcome) : (outcome as boolean | number | string);
}

function bindTo({ values, shown }: Bound, name: string, value: Value): Bound {
  const pair = `${name} = ${printValue(value)}`;
  return {
    values: new Map([...values, [name, value]]),
    shown: shown === "" ? ` (${pair})` : `${shown.slice(0, -1)}, ${pair})`,
  };
}

function printValue(value: Value): string {
  if (value instanceof Duration) return `${value.seconds}s`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
