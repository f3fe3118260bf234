/** A condition after its checks: all that the evaluator and the check of reach know of CEL. */

/** A length of time; whole seconds, or fractions that came from evidence. */
export class Duration {
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

/** As in CEL, whole numbers (64 bits) and numbers differ: the first are bigint here. */
export type Value = boolean | bigint | number | string | Duration | readonly Value[];

export const BINARY_OPERATORS = [
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "in",
] as const;

export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export type Tree =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  /** The variable of a macro around it. */
  | { readonly kind: "bound"; readonly name: string }
  | (Printed &
      (
        | { readonly kind: "variable"; readonly name: string }
        | { readonly kind: "call"; readonly name: string; readonly args: readonly Tree[] }
        | { readonly kind: "not" | "minus"; readonly of: Tree }
        | { readonly kind: "and" | "or"; readonly left: Tree; readonly right: Tree }
        | {
            readonly kind: "choice";
            readonly condition: Tree;
            readonly yes: Tree;
            readonly no: Tree;
          }
        | {
            readonly kind: "binary";
            readonly operator: BinaryOperator;
            readonly left: Tree;
            readonly right: Tree;
          }
        | {
            readonly kind: "text";
            readonly method: "startsWith" | "endsWith" | "contains";
            readonly of: Tree;
            readonly part: Tree;
          }
        | { readonly kind: "regex"; readonly of: Tree; readonly matches: (text: string) => boolean }
        | {
            readonly kind: "exists" | "all";
            readonly variable: string;
            readonly items: readonly Tree[];
            readonly body: Tree;
          }
      ));

interface Printed {
  /** The subexpression in CEL, for explanations. */
  readonly text: string;
}
