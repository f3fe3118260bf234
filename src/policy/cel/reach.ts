/**
 * What a condition can come to, whatever the evidence says: every subexpression as the range of its values. So a condition that
 * never holds, or always does, is found on load. Ranges are wider than the truth where two parts depend on each other: what is told
 * is certain, what is not told may still be.
 */
import { FUNCTIONS, VARIABLES } from "./language.ts";
import { Duration, type Tree, type Value } from "./tree.ts";

export type Reach =
  | { readonly kind: "truth"; readonly canHold: boolean; readonly canFail: boolean }
  /** Durations as seconds. */
  | { readonly kind: "range"; readonly least: number; readonly most: number }
  /** `text` absent: any. */
  | { readonly kind: "text"; readonly text?: string }
  | { readonly kind: "list"; readonly items: readonly Reach[] };

/** A comparison with but one outcome. */
export interface Settled {
  readonly text: string;
  readonly holds: boolean;
  /** The side that comes from evidence, and its range. */
  readonly why?: string;
}

export interface Assumptions {
  /** The highest a function can answer, if lower than its own bound. */
  most?(name: string, args: readonly Value[]): number | undefined;
  /** Values of variables by dotted name. */
  readonly variables?: Readonly<Record<string, number | string>>;
}

const ANY_NUMBER = range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
const ANY_TRUTH: Reach = { kind: "truth", canHold: true, canFail: true };
const ANY_TEXT: Reach = { kind: "text" };

export function reachOf(
  tree: Tree,
  assumptions: Assumptions = {},
): { readonly canHold: boolean; readonly canFail: boolean; readonly settled: readonly Settled[] } {
  const walk = new Walk(assumptions);
  const { canHold, canFail } = truthOf(walk.reach(tree));
  return { canHold, canFail, settled: walk.settled };
}

function range(least: number, most: number): Reach {
  return { kind: "range", least, most };
}

class Walk {
  readonly settled: Settled[] = [];
  private readonly assumptions: Assumptions;

  constructor(assumptions: Assumptions) {
    this.assumptions = assumptions;
  }

  reach(tree: Tree): Reach {
    switch (tree.kind) {
      case "literal":
        return ofValue(tree.value);
      case "list":
        return { kind: "list", items: tree.items.map((item) => this.reach(item)) };
      case "bound":
        return ANY_TEXT;
      case "variable":
        return this.variable(tree.name);
      case "call":
        return this.call(tree);
      case "not": {
        const { canHold, canFail } = truthOf(this.reach(tree.of));
        return { kind: "truth", canHold: canFail, canFail: canHold };
      }
      case "minus":
        return arithmetic("-", range(0, 0), this.reach(tree.of));
      case "and":
      case "or":
        return join(tree.kind, [this.reach(tree.left), this.reach(tree.right)]);
      case "choice":
        return this.choice(tree);
      case "binary":
        return this.binary(tree);
      case "text":
      case "regex":
        this.reach(tree.of);
        return ANY_TRUTH;
      case "exists":
      case "all": {
        const body = this.reach(tree.body);
        return join(
          tree.kind === "all" ? "and" : "or",
          tree.items.map(() => body),
        );
      }
    }
  }

  private variable(name: string): Reach {
    const assumed = this.assumptions.variables?.[name];
    if (assumed !== undefined) return ofValue(assumed);
    const entry = VARIABLES[name];
    if (entry === undefined || entry.type === "string") return ANY_TEXT;
    return range(entry.least ?? Number.NEGATIVE_INFINITY, entry.most ?? Number.POSITIVE_INFINITY);
  }

  private call({ name, args }: Tree & { readonly kind: "call" }): Reach {
    for (const arg of args) this.reach(arg);
    const entry = FUNCTIONS[name];
    if (entry === undefined || entry.gives === "bool") return ANY_TRUTH;
    const values = args.flatMap((arg) => (arg.kind === "literal" ? [arg.value] : []));
    const most = this.assumptions.most?.(name, values) ?? Number.POSITIVE_INFINITY;
    return range(entry.least, Math.min(entry.most, most));
  }

  private choice(tree: Tree & { readonly kind: "choice" }): Reach {
    const { canHold, canFail } = truthOf(this.reach(tree.condition));
    const [yes, no] = [this.reach(tree.yes), this.reach(tree.no)];
    if (!canFail) return yes;
    return canHold ? either(yes, no) : no;
  }

  private binary(tree: Tree & { readonly kind: "binary" }): Reach {
    const { operator, left, right, text } = tree;
    const sides = [this.reach(left), this.reach(right)] as const;
    switch (operator) {
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
        return arithmetic(operator, ...sides);
      default: {
        const answer = compare(operator, ...sides);
        if (answer.canHold !== answer.canFail) {
          const why = explain(left, sides[0]) ?? explain(right, sides[1]);
          this.settled.push({ text, holds: answer.canHold, ...(why !== undefined && { why }) });
        }
        return { kind: "truth", ...answer };
      }
    }
  }
}

function explain(tree: Tree, reach: Reach): string | undefined {
  if (tree.kind !== "call" && tree.kind !== "variable") return undefined;
  if (reach.kind !== "range") return undefined;
  const { least, most } = reach;
  const unit = tree.kind === "call" && FUNCTIONS[tree.name]?.gives === "duration" ? "s" : "";
  if (least === most) return `${tree.text} is ${least}${unit}`;
  if (most === Number.POSITIVE_INFINITY) return `${tree.text} is never below ${least}${unit}`;
  return `${tree.text} goes from ${least} to ${Number(most.toPrecision(12))}${unit}`;
}

function ofValue(value: Value): Reach {
  if (typeof value === "boolean") return { kind: "truth", canHold: value, canFail: !value };
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "object" && !(value instanceof Duration)) {
    return { kind: "list", items: value.map(ofValue) };
  }
  const number = value instanceof Duration ? value.seconds : Number(value);
  return range(number, number);
}

function truthOf(reach: Reach): { canHold: boolean; canFail: boolean } {
  return reach.kind === "truth" ? reach : { canHold: true, canFail: true };
}

function join(kind: "and" | "or", sides: readonly Reach[]): Reach {
  const truths = sides.map(truthOf);
  return kind === "and"
    ? {
        kind: "truth",
        canHold: truths.every(({ canHold }) => canHold),
        canFail: truths.some(({ canFail }) => canFail),
      }
    : {
        kind: "truth",
        canHold: truths.some(({ canHold }) => canHold),
        canFail: truths.every(({ canFail }) => canFail),
      };
}

function either(a: Reach, b: Reach): Reach {
  if (a.kind === "range" && b.kind === "range") {
    return range(Math.min(a.least, b.least), Math.max(a.most, b.most));
  }
  if (a.kind === "truth" && b.kind === "truth") {
    return {
      kind: "truth",
      canHold: a.canHold || b.canHold,
      canFail: a.canFail || b.canFail,
    };
  }
  return a.kind === "list" ? { kind: "list", items: [ANY_TEXT] } : ANY_TEXT;
}

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

function compare(operator: Operator, a: Reach, b: Reach): { canHold: boolean; canFail: boolean } {
  if (operator === "in") return membership(a, b);
  if (operator === "!=") {
    const { canHold, canFail } = equality(a, b);
    return { canHold: canFail, canFail: canHold };
  }
  if (operator === "==") return equality(a, b);
  if (a.kind !== "range" || b.kind !== "range") return { canHold: true, canFail: true };
  switch (operator) {
    case "<":
      return { canHold: a.least < b.most, canFail: a.most >= b.least };
    case "<=":
      return { canHold: a.least <= b.most, canFail: a.most > b.least };
    case ">":
      return { canHold: a.most > b.least, canFail: a.least <= b.most };
    case ">=":
      return { canHold: a.most >= b.least, canFail: a.least < b.most };
  }
}

function equality(a: Reach, b: Reach): { canHold: boolean; canFail: boolean } {
  if (a.kind === "range" && b.kind === "range") {
    const isOne = a.least === a.most && b.least === b.most && a.least === b.least;
    return { canHold: a.least <= b.most && b.least <= a.most, canFail: !isOne };
  }
  if (a.kind === "text" && b.kind === "text" && a.text !== undefined && b.text !== undefined) {
    return { canHold: a.text === b.text, canFail: a.text !== b.text };
  }
  return { canHold: true, canFail: true };
}

function membership(item: Reach, list: Reach): { canHold: boolean; canFail: boolean } {
  if (list.kind !== "list") return { canHold: true, canFail: true };
  const each = list.items.map((other) => equality(item, other));
  return {
    canHold: each.some(({ canHold }) => canHold),
    canFail: each.every(({ canFail }) => canFail),
  };
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "%", a: Reach, b: Reach): Reach {
  if (a.kind === "text" || b.kind === "text") return ANY_TEXT;
  if (a.kind !== "range" || b.kind !== "range") return ANY_NUMBER;
  if (operator === "+") return sound(a.least + b.least, a.most + b.most);
  if (operator === "-") return sound(a.least - b.most, a.most - b.least);
  if (operator === "*") {
    const products = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most];
    return sound(Math.min(...products), Math.max(...products));
  }
  // Whole numbers divide otherwise than numbers; nothing is said of a quotient.
  return ANY_NUMBER;
}

/** Infinity less infinity says nothing. */
function sound(least: number, most: number): Reach {
  return Number.isNaN(least) || Number.isNaN(most) ? ANY_NUMBER : range(least, most);
}
