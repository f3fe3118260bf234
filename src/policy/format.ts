import type { Problem } from "./problem.ts";

/** `shop.yaml:14 HTTPRoute/checkout spec.rules[0].backendRefs[1].weight: 1200000 is above 1000000 [QM0005]`. */
export function formatProblem({ file, line, document, path, message, code }: Problem): string {
  const place = path === "" ? document : `${document} ${path}`;
  return `${file}:${line} ${place}: ${message} [${code}]`;
}
