/** Where a value stands inside a document, as keys and indices from its root. */
export type Path = readonly (string | number)[];

/** `spec.rules[0].backendRefs[1].weight`; a key that is not a plain word stands in brackets and quotes. */
export function printPath(path: Path): string {
  return path.map(printStep).join("");
}

function printStep(step: string | number, index: number): string {
  if (typeof step === "number") return `[${step}]`;
  if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
  return index === 0 ? step : `.${step}`;
}

/** True if `path` is `prefix` or lies below it. */
export function isWithin(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((step, index) => step === path[index]);
}

/** The value at `path`; undefined where the path leaves the tree. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
