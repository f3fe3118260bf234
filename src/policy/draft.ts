/**
 * A document between its schema and the set: its values have their types, and the checks that look at more than one value still
 * have to pass. Nothing at the root of a `spec` is required by a schema, so a draft always has a spec to check.
 */
import type { Reading } from "./lenient.ts";
import type { Metadata } from "./metadata.ts";
import { type Path, valueAt } from "./path.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Report } from "./report.ts";
import type { SourceDocument } from "./source.ts";

export class Draft<Spec> {
  readonly source: SourceDocument;
  readonly metadata: Metadata;
  readonly spec: Spec;
  private readonly reading: Reading<Spec>;
  private readonly report: Report;

  constructor(parts: {
    source: SourceDocument;
    metadata: Metadata;
    spec: Spec;
    reading: Reading<Spec>;
    report: Report;
  }) {
    this.source = parts.source;
    this.metadata = parts.metadata;
    this.spec = parts.spec;
    this.reading = parts.reading;
    this.report = parts.report;
  }

  get name(): string {
    return this.metadata.name;
  }

  /** `file:line`, for problems of another document that point here. */
  get place(): string {
    return `${this.source.file}:${this.source.lineOf(["metadata", "name"])}`;
  }

  /** Reports a problem; `path` is below `spec`. */
  wrong(code: ProblemCode, path: Path, message: string): void {
    const original = ["spec", ...this.reading.original(path)];
    this.report.add(this.source, { code, path: original, message });
  }

  /** Where the entry at `path` stands in the list as written. */
  indexOf(path: Path): number {
    return Number(this.reading.original(path).at(-1));
  }

  /** Reports a problem outside `spec`. */
  wrongOutside(code: ProblemCode, path: Path, message: string): void {
    this.report.add(this.source, { code, path, message });
  }

  /** Reports that something is not there, unless it may only be lost to a fault already reported. */
  lacks(code: ProblemCode, path: Path, message: string): void {
    if (!this.isDamaged(path)) this.wrong(code, path, message);
  }

  isDamaged(path: Path): boolean {
    return this.reading.isDamaged(path);
  }

  /** True if something outside `spec` is written at this path, whatever became of it. */
  isWritten(path: Path): boolean {
    return valueAt(this.source.root, path) !== undefined;
  }

  hasLost(path: Path): boolean {
    return this.reading.hasLost(path);
  }
}

/** Reports each entry whose name an earlier entry has; a name of undefined is never a repetition. */
export function refuseRepeats<Spec>(
  draft: Draft<Spec>,
  at: { path: Path; names: readonly (string | undefined)[]; field: string },
): void {
  for (const [index, name] of at.names.entries()) {
    const first = at.names.indexOf(name);
    if (name === undefined || first === index) continue;
    const path = at.field === "" ? [...at.path, index] : [...at.path, index, at.field];
    const written = draft.indexOf([...at.path, first]);
    draft.wrong("QM0101", path, `${name} is already entry ${written} of this list`);
  }
}
