/**
 * The shape of JSON documents as JSON: keys and types, values left out. Items of a list are one shape; a key that some of them lack
 * ends in `?`, and types that differ stand side by side: `number | string`.
 */
export type Shape = string | readonly [Shape] | readonly [] | { readonly [key: string]: Shape };

export function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) {
    const items = value.map(shapeOf);
    return items.length === 0 ? [] : [items.reduce(both)];
  }
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

function both(a: Shape, b: Shape): Shape {
  if (Array.isArray(a) && Array.isArray(b)) {
    const items = [...a, ...b] as Shape[];
    return items.length === 0 ? [] : [items.reduce(both)];
  }
  if (isObject(a) && isObject(b)) return merged(a, b);
  const words = new Set(
    [a, b].flatMap((each) =>
      typeof each === "string" ? each.split(" | ") : [JSON.stringify(each)],
    ),
  );
  return [...words].sort().join(" | ");
}

function merged(a: { [key: string]: Shape }, b: { [key: string]: Shape }): Shape {
  const bare = (key: string) => key.replace(/\?$/, "");
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)].map(bare))];
  return Object.fromEntries(
    keys.map((key) => {
      const shapes = [a, b].flatMap((each) => {
        const shape = each[key] ?? each[`${key}?`];
        return shape === undefined ? [] : [shape];
      });
      const isAlways = key in a && key in b;
      return [isAlways ? key : `${key}?`, shapes.reduce(both)];
    }),
  );
}

function isObject(shape: Shape): shape is { [key: string]: Shape } {
  return typeof shape === "object" && !Array.isArray(shape);
}
