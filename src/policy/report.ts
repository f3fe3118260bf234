import { type Path, printPath } from "./path.ts";
import type { Problem } from "./problem.ts";
import { type ProblemCode, problemCodes } from "./problem-codes.ts";

/** A place problems can point at: one document of one file. */
export interface Place {
  readonly file: string;
  /** `Kind/name`, or `document N` before a name is known. */
  readonly document: string;
  /** Line from 1 of the value at the path, or of its nearest ancestor that is there. */
  lineOf(path: Path): number;
}

export interface Fault {
  readonly code: ProblemCode;
  readonly path: Path;
  readonly message: string;
}

/** Gathers every problem of a set; each is held once however many checks find it. */
export class Report {
  private readonly found = new Map<string, Problem>();

  add(place: Place, fault: Fault): void {
    const problem: Problem = {
      severity: problemCodes[fault.code].severity,
      code: fault.code,
      file: place.file,
      line: place.lineOf(fault.path),
      document: place.document,
      path: printPath(fault.path),
      message: fault.message,
    };
    this.found.set(JSON.stringify(problem), problem);
  }

  /** By file, line and path, so that the order in which files were read leaves no trace. */
  sorted(): Problem[] {
    return [...this.found.values()].sort(
      (a, b) =>
        compareText(a.file, b.file) ||
        a.line - b.line ||
        compareText(a.path, b.path) ||
        compareText(a.code, b.code) ||
        compareText(a.message, b.message),
    );
  }
}

/** By code unit, so that the order is the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
