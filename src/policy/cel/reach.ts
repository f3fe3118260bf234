/**
 * What a condition can come to, whatever the evidence says: every subexpression as the range of its values. So a condition that
 * never holds, or always does, is found on load. Ranges are wider than the truth where two parts depend on each other: what is told
 * is certain, what is not told may still be.
 */
import { FUNCTIONS, VARIABLES } from "./language.ts";
import {
  ANY_TEXT,
  ANY_TRUTH,
  arithmetic,
  compare,
  either,
  join,
  ofValue,
  type Reach,
  range,
  truthOf,
} from "./ranges.ts";
import type { Tree, Value } from "./tree.ts";

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

export function reachOf(
  tree: Tree,
  assumptions: Assumptions = {},
): { readonly canHold: boolean; readonly canFail: boolean; readonly settled: readonly Settled[] } {
  const walk = new Walk(assumptions);
  const { canHold, canFail } = truthOf(walk.reach(tree));
  return { canHold, canFail, settled: walk.settled };
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
