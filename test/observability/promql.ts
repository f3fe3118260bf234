import { parser } from "@prometheus-io/lezer-promql";

/** Every name of a series an expression reads. Throws with the place of what is no PromQL. */
export function seriesOf(expression: string): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError)
        throw new SyntaxError(
          `${expression}: no PromQL at ${node.from}: ${expression.slice(node.from)}`,
        );
      const isName = node.name === "Identifier" && node.node.parent?.name === "VectorSelector";
      if (isName) names.push(expression.slice(node.from, node.to));
    },
  });
  return names;
}
