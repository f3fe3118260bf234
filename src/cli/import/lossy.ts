/** What another tool's document becomes, and what of it has no place here. */
export interface Imported {
  readonly rollout: {
    readonly apiVersion: "quantum.mesh/v1";
    readonly kind: "Rollout";
    readonly metadata: { readonly name: string; readonly owner: string };
    readonly spec: Readonly<Record<string, unknown>>;
  };
  readonly lost: readonly Loss[];
}

export interface Loss {
  /** `spec.analysis.metrics[0]`. */
  readonly path: string;
  /** What holds in its place, or what to write by hand. */
  readonly why: string;
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every leaf below a field, so that nothing is lost in silence. */
export function leavesOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => leavesOf(item, `${path}[${at}]`));
  if (typeof value !== "object" || value === null) return [path];
  const entries = Object.entries(value);
  return entries.length === 0
    ? [path]
    : entries.flatMap(([name, item]) => leavesOf(item, `${path}.${name}`));
}

/** Each leaf of the fields that nobody read. */
export function unread(fields: Fields, read: readonly string[], path: string): Loss[] {
  return Object.entries(fields)
    .filter(([name]) => !read.includes(name))
    .flatMap(([name, value]) => leavesOf(value, `${path}.${name}`))
    .map((leaf) => ({ path: leaf, why: "has no counterpart" }));
}
