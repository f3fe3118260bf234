/**
 * From a schema's issue to what an operator reads: code, place and a sentence that holds the value, what is wrong with it and
 * what would be right (`120000 is above 1000000`). One issue may stand for several problems (unknown keys).
 */
import type { z } from "zod";
import { type Path, valueAt } from "./path.ts";
import { isProblemCode, type ProblemCode } from "./problem-codes.ts";
import { show } from "./show.ts";

export interface Finding {
  readonly code: ProblemCode;
  readonly path: Path;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

export function toFindings(issue: Issue, root: unknown): Finding[] {
  const path = issue.path as (string | number)[];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.message
        .split("\n")
        .map((line, index) => coded(line, [...path, issue.keys[index] ?? ""]));
    case "invalid_union":
      return issue.errors.length === 0
        ? [coded(issue.message, path)]
        : unionFindings(issue.errors, { path, root });
    case "invalid_key":
      return issue.issues.map((inner) => coded(inner.message, path));
    default:
      return [plain(issue, { path, value: valueAt(root, path) })];
  }
}

/** The branch whose own type fits the value speaks; if none does, the value is of the wrong type altogether. */
function unionFindings(branches: readonly Issue[][], at: { path: Path; root: unknown }): Finding[] {
  const value = valueAt(at.root, at.path);
  const fitting = branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_type"),
  );
  if (fitting !== undefined) {
    return fitting.flatMap((issue) =>
      toFindings({ ...issue, path: [...at.path, ...issue.path] }, at.root),
    );
  }
  const wanted = branches.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === "invalid_type" ? [noun(issue.expected)] : [])),
  );
  return [wrongType(at.path, value, wanted.join(" or "))];
}

function plain(issue: Issue, at: { path: Path; value: unknown }): Finding {
  const { path, value } = at;
  if (value === undefined) return { code: "QM0007", path, message: "missing" };
  if (isProblemCode(issue.message.slice(0, 6))) return coded(issue.message, path);
  switch (issue.code) {
    case "invalid_type":
      return wrongType(path, value, noun(issue.expected));
    case "too_big":
      return outside({ path, value, side: "above", bound: Number(issue.maximum) });
    case "too_small":
      return outside({ path, value, side: "below", bound: Number(issue.minimum) });
    case "invalid_value":
      return wrongType(path, value, issue.values.map(show).join(" or "));
    default:
      return coded(issue.message, path);
  }
}

function outside(at: {
  path: Path;
  value: unknown;
  side: "above" | "below";
  bound: number;
}): Finding {
  const { path, value, side, bound } = at;
  if (Array.isArray(value)) {
    const limit = side === "above" ? "at most" : "at least";
    const message = `${value.length} entries; ${limit} ${bound}`;
    return { code: "QM0021", path, message };
  }
  const size = typeof value === "string" ? `length ${value.length}` : show(value);
  return { code: "QM0005", path, message: `${size} is ${side} ${bound}` };
}

function wrongType(path: Path, value: unknown, wanted: string): Finding {
  const quoted = typeof value === "number" || typeof value === "boolean" || value === null;
  const hint = quoted && wanted === "a string" ? `; write "${value}" in quotes` : "";
  return { code: "QM0006", path, message: `${show(value)} is not ${wanted}${hint}` };
}

function noun(expected: string): string {
  switch (expected) {
    case "int":
      return "a whole number";
    case "object":
    case "record":
      return "a mapping";
    case "array":
      return "a list";
    case "boolean":
      return "true or false";
    default:
      return `a ${expected}`;
  }
}

function coded(message: string, path: Path): Finding {
  const code = message.slice(0, 6);
  if (!isProblemCode(code)) return { code: "QM0006", path, message };
  return { code, path, message: message.slice(7) };
}
