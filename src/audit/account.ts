import type { z } from "zod";
import { describeMove, type MeshMove } from "../decide/act/action.ts";
import type { AuditRecord } from "./record.ts";

/**
 * What a record says for itself, out of the fields of its body that have a meaning: as words for a person. A field of a form
 * nobody expected is shown as it is rather than left out.
 */
export interface Account {
  readonly because: readonly string[];
  /** One input each: signal, value, threshold, window, query, as far as they are told. */
  readonly evidence: readonly Input[];
  readonly action?: string;
  readonly wayBack?: string;
  readonly outcome?: Outcome;
  /** Ids of the records this one follows from. */
  readonly causes: readonly string[];
}

export interface Input {
  readonly words: string;
  /** Of the signal, if it is told. */
  readonly name?: string;
  /** `late` or `blind`: it was not heard in time. */
  readonly state?: string;
}

export interface Outcome {
  /** `success`; `harm`, `noEffect`, `partial`, `failed`, `inconclusive` or any other word is none. */
  readonly result: string;
  readonly words: string;
}

type Json = z.core.util.JSONType;

export function accountOf({ kind, body }: AuditRecord): Account {
  const { because, evidence, seen, action, wayBack, causes } = body;
  const outcome = body.outcome ?? (kind === "outcome" ? outcomeOf(body) : undefined);
  return {
    because: listOf(because).map(words),
    evidence: [...listOf(evidence), ...listOf(seen)].map(toInput),
    causes: listOf(causes).filter((cause) => typeof cause === "string"),
    ...(action === undefined ? {} : { action: words(action) }),
    ...(wayBack === undefined ? {} : { wayBack: words(wayBack) }),
    ...(outcome === undefined ? {} : { outcome: toOutcome(outcome) }),
  };
}

/** Any JSON as words: `weights v41 90, v42 10`. */
export function words(value: Json): string {
  if (value === null) return "none";
  if (typeof value === "number") return `${Number(value.toPrecision(6))}`;
  if (typeof value !== "object") return `${value}`;
  if (isInForce(value)) return `${describeMove(value.move)}${value.isShadow ? " (shadow)" : ""}`;
  if (Array.isArray(value)) return value.map(words).join("; ");
  return Object.entries(value)
    .map(([key, member]) => (member === true ? key : `${key} ${words(member)}`))
    .join(", ");
}

/** As the engine writes it. */
function isInForce(value: object): value is { readonly move: MeshMove; readonly isShadow?: true } {
  return "move" in value && "knob" in value;
}

/** The engine's verdicts in the words of outcomes; the others are their own. */
const RESULTS: ReadonlyMap<Json | undefined, string> = new Map([
  ["revert", "harm"],
  ["no effect", "noEffect"],
]);

function outcomeOf({ verdict }: AuditRecord["body"]): Json | undefined {
  return RESULTS.get(verdict) ?? verdict;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function toInput(value: Json): Input {
  const { signal, state, what } = membersOf(value);
  return {
    words: what === undefined ? words(value) : seenWords(membersOf(value)),
    ...(typeof signal === "string" ? { name: signal } : {}),
    ...(typeof state === "string" ? { state } : {}),
  };
}

/** As the engine writes what it saw. */
function seenWords({ what = "", value, threshold, windowSeconds }: ReturnType<typeof membersOf>) {
  const more = [
    ...(threshold === undefined ? [] : [words(threshold)]),
    ...(windowSeconds === undefined ? [] : [`over ${words(windowSeconds)} s`]),
  ];
  const found = value === undefined ? "unknown" : words(value);
  return `${words(what)}: ${found}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
}

function toOutcome(value: Json): Outcome {
  const { result, ...rest } = membersOf(value);
  if (typeof result !== "string") return { result: words(value), words: words(value) };
  return { result, words: Object.keys(rest).length === 0 ? result : `${result} (${words(rest)})` };
}

function membersOf(value: Json): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
