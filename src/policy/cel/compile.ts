/**
 * The condition language: CEL (https://cel.dev) with the words of `language.ts`. Parsing and types are CEL's own; what then may stand in a
 * condition is bounded (`environment.ts`, `translate.ts`), so that an evaluation is a known number of steps without clock,
 * chance or waiting.
 */
import type { Environment, ParseResult } from "@marcbachmann/cel-js";
import type { Expression } from "../expression.ts";
import { buildEnvironment } from "./environment.ts";
import type { ConditionPlace } from "./language.ts";
import { stepsOf } from "./steps.ts";
import { type Restricted, translate } from "./translate.ts";
import type { Tree } from "./tree.ts";

const LONGEST = 4096;
const MOST_STEPS = 2000;
/** Compiled conditions kept; beyond it the oldest go. */
const MOST_KEPT = 4096;

export interface Program {
  readonly expression: Expression;
  readonly tree: Tree;
  /** Of every evaluation, 1..2000. */
  readonly steps: number;
  readonly restricted: readonly Restricted[];
}

export type Compiled =
  | { readonly ok: true; readonly expression: Expression; readonly program: Program }
  /** As `CODE sentence`. */
  | { readonly ok: false; readonly faults: readonly string[] };

type Anywhere = Program | { readonly faults: readonly string[] };

let environment: Environment | undefined;
const kept = new Map<string, Anywhere>();

/** Equal texts are compiled once. */
export function compile(text: string, place: ConditionPlace): Compiled {
  const program = programOf(text);
  if ("faults" in program) return { ok: false, faults: program.faults };
  const misplaced = program.restricted.filter(({ places }) => !places.includes(place));
  if (misplaced.length === 0) return { ok: true, expression: program.expression, program };
  return { ok: false, faults: [...new Set(misplaced.map(misplacedFault))] };
}

/** The program of a text that has been compiled for some place. */
export function programOf(text: string): Anywhere {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const compiled = compileAnew(text);
  kept.set(text, compiled);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return compiled;
}

function misplacedFault({ what, places }: Restricted): string {
  return `QM0027 ${what} is known only in ${places.map((each) => PLACE[each]).join(" and ")}`;
}

const PLACE: Readonly<Record<ConditionPlace, string>> = {
  when: "`when`",
  guardrail: "`forbid` of a Guardrail",
  approval: "`approval.onlyIf`",
  watch: "`verify.watch`",
};

function compileAnew(text: string): Anywhere {
  if (text.length > LONGEST) {
    return wrong([`QM0028 length ${text.length} is above ${LONGEST}`]);
  }
  const parsed = parse(text);
  if (typeof parsed === "string") return wrong([parsed]);
  const { tree, reads, faults, restricted } = translate(parsed.ast);
  if (faults.length > 0) return wrong([...new Set(faults)].map((fault) => `QM0027 ${fault}`));
  const { valid, type, error } = parsed.check();
  if (!valid) return wrong([`QM0027 ${explain(error)}`]);
  if (type !== "bool") return wrong([`QM0027 answers with ${type}, not with true or false`]);
  const steps = stepsOf(tree);
  if (steps > MOST_STEPS) {
    return wrong([`QM0028 takes ${steps} steps to evaluate, above ${MOST_STEPS}`]);
  }
  return { expression: { text, reads }, tree, steps, restricted };
}

/** The parse, or what is wrong as `CODE sentence`. */
function parse(text: string): ParseResult | string {
  environment ??= buildEnvironment();
  try {
    return environment.parse(text);
  } catch (error) {
    return `${codeOf(error) === "limit_exceeded" ? "QM0028" : "QM0027"} ${explain(error)}`;
  }
}

interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number };
}

function codeOf(error: unknown): string {
  return (error as CelError).code;
}

/** CEL's words, and the column from 1. */
function explain(error: unknown): string {
  const { summary, range } = error as CelError;
  if (typeof summary !== "string") throw error;
  const where = range === undefined ? "" : ` at character ${range.start + 1}`;
  return `${summary.charAt(0).toLowerCase()}${summary.slice(1)}${where}`;
}

function wrong(faults: readonly string[]): Anywhere {
  return { faults };
}
