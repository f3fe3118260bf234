/**
 * All problems at once, also across a fault: what a schema refuses is reported, taken out, and the rest read again, until it
 * passes. So a bad weight does not hide a dangling reference two rules below. What was taken out is remembered as damage: a later
 * check must not blame what only follows from it ("no such tier", when the tier was there but misspelt).
 */
import type { z } from "zod";
import { type Finding, toFindings } from "./issue.ts";
import { isWithin, type Path, valueAt } from "./path.ts";

export interface Reading<Value> {
  /** Undefined only if nothing at all could be kept. */
  readonly value: Value | undefined;
  /** All that the first reading found. */
  readonly findings: readonly Finding[];
  /** True if something at, above or below this path (of `value`) was taken out. */
  isDamaged(path: Path): boolean;
  /** True if the list or record at this path, or an entry of it, was taken out: a name not found there may have been. */
  hasLost(path: Path): boolean;
  /** From a path of `value` to one of the document, whose lists may be longer. */
  original(path: Path): Path;
}

export function readLenient<Value>(schema: z.ZodType<Value>, input: unknown): Reading<Value> {
  const pruned = new Pruned(structuredClone(input));
  const first = schema.safeParse(pruned.root);
  const findings = first.success
    ? []
    : first.error.issues.flatMap((issue) => toFindings(issue, input));
  let result = first;
  while (!result.success && pruned.remove(result.error.issues))
    result = schema.safeParse(pruned.root);
  return {
    value: result.success ? result.data : undefined,
    findings,
    isDamaged: (path) => pruned.isDamaged(path),
    hasLost: (path) => pruned.hasLost(path),
    original: (path) => pruned.original(path),
  };
}

/** A tree that things are taken out of, and that still knows where the rest stood. */
class Pruned {
  readonly root: unknown;
  private readonly damage: Path[] = [];
  /** For lists that lost entries: the first index of each that is left. */
  private readonly kept = new WeakMap<object, number[]>();

  constructor(root: unknown) {
    this.root = root;
  }

  /** False if what is wrong is the root itself. Each call takes out at least one value, so calling until true ends. */
  remove(issues: readonly z.core.$ZodIssue[]): boolean {
    const paths = issues.flatMap((issue) => this.targets(issue));
    // Later entries first: taking one out moves those behind it.
    const before = this.damage.length;
    for (const path of paths.sort(compareLastFirst)) {
      if (path.length === 0) return false;
      this.take(path);
    }
    return this.damage.length > before;
  }

  isDamaged(path: Path): boolean {
    const place = this.original(path);
    return this.damage.some((lost) => isWithin(lost, place) || isWithin(place, lost));
  }

  hasLost(path: Path): boolean {
    const place = this.original(path);
    return this.damage.some(
      (lost) =>
        isWithin(place, lost) || (lost.length === place.length + 1 && isWithin(lost, place)),
    );
  }

  original(path: Path): Path {
    let value = this.root;
    return path.map((step) => {
      const indices = Array.isArray(value) ? this.kept.get(value) : undefined;
      value = valueAt(value, [step]);
      return typeof step === "number" ? (indices?.[step] ?? step) : step;
    });
  }

  private targets(issue: z.core.$ZodIssue): Path[] {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
    const value = valueAt(this.root, path);
    if (issue.code === "too_big" && Array.isArray(value)) {
      return [...value.keys()].slice(Number(issue.maximum)).map((index) => [...path, index]);
    }
    return [value === undefined ? path.slice(0, -1) : path];
  }

  private take(path: Path): void {
    const step = path.at(-1);
    const holder = valueAt(this.root, path.slice(0, -1));
    if (step === undefined || valueAt(holder, [step]) === undefined) return;
    this.damage.push(this.original(path));
    if (Array.isArray(holder) && typeof step === "number") {
      const indices = this.kept.get(holder) ?? [...holder.keys()];
      indices.splice(step, 1);
      this.kept.set(holder, indices);
      holder.splice(step, 1);
    } else {
      delete (holder as Record<string, unknown>)[step];
    }
  }
}

function compareLastFirst(a: Path, b: Path): number {
  for (const [index, step] of a.entries()) {
    const other = b[index];
    if (other === undefined) return -1;
    if (typeof step === "number" && typeof other === "number" && step !== other)
      return other - step;
    if (step !== other) return String(step) < String(other) ? -1 : 1;
  }
  return b.length - a.length;
}
