/** How many steps an evaluation takes, at most and at least: there is no way around one, so that the trace is whole. */
import type { Tree } from "./tree.ts";

export function stepsOf(tree: Tree): number {
  switch (tree.kind) {
    case "literal":
    case "bound":
    case "variable":
      return 1;
    case "list":
      return 1 + sum(tree.items);
    case "call":
      return 1 + sum(tree.args);
    case "not":
    case "minus":
    case "regex":
      return 1 + stepsOf(tree.of);
    case "text":
      return 1 + stepsOf(tree.of) + stepsOf(tree.part);
    case "and":
    case "or":
    case "binary":
      return 1 + stepsOf(tree.left) + stepsOf(tree.right);
    case "choice":
      return 1 + stepsOf(tree.condition) + stepsOf(tree.yes) + stepsOf(tree.no);
    case "exists":
    case "all":
      return 1 + sum(tree.items) + tree.items.length * stepsOf(tree.body);
  }
}

function sum(trees: readonly Tree[]): number {
  return trees.reduce((total, tree) => total + stepsOf(tree), 0);
}
