/** What a part of a condition can come to, and what the operators make of that. Wider than the truth, never narrower. */
import { Duration, type Value } from "./tree.ts";

export type Reach =
  | { readonly kind: "truth"; readonly canHold: boolean; readonly canFail: boolean }
  /** Durations as seconds. */
  | { readonly kind: "range"; readonly least: number; readonly most: number }
  /** `text` absent: any. */
  | { readonly kind: "text"; readonly text?: string }
  | { readonly kind: "list"; readonly items: readonly Reach[] };

const ANY_NUMBER = range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
export const ANY_TRUTH: Reach = { kind: "truth", canHold: true, canFail: true };
export const ANY_TEXT: Reach = { kind: "text" };

export function range(least: number, most: number): Reach {
  return { kind: "range", least, most };
}

export function ofValue(value: Value): Reach {
  if (typeof value === "boolean") return { kind: "truth", canHold: value, canFail: !value };
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "object" && !(value instanceof Duration)) {
    return { kind: "list", items: value.map(ofValue) };
  }
  const number = value instanceof Duration ? value.seconds : Number(value);
  return range(number, number);
}

export function truthOf(reach: Reach): { canHold: boolean; canFail: boolean } {
  return reach.kind === "truth" ? reach : { canHold: true, canFail: true };
}

export function join(kind: "and" | "or", sides: readonly Reach[]): Reach {
  const truths = sides.map(truthOf);
  return kind === "and"
    ? {
        kind: "truth",
        canHold: truths.every(({ canHold }) => canHold),
        canFail: truths.some(({ canFail }) => canFail),
      }
    : {
        kind: "truth",
        canHold: truths.some(({ canHold }) => canHold),
        canFail: truths.every(({ canFail }) => canFail),
      };
}

export function either(a: Reach, b: Reach): Reach {
  if (a.kind === "range" && b.kind === "range") {
    return range(Math.min(a.least, b.least), Math.max(a.most, b.most));
  }
  if (a.kind === "truth" && b.kind === "truth") {
    return {
      kind: "truth",
      canHold: a.canHold || b.canHold,
      canFail: a.canFail || b.canFail,
    };
  }
  return a.kind === "list" ? { kind: "list", items: [ANY_TEXT] } : ANY_TEXT;
}

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

export function compare(
  operator: Operator,
  a: Reach,
  b: Reach,
): { canHold: boolean; canFail: boolean } {
  if (operator === "in") return membership(a, b);
  if (operator === "!=") {
    const { canHold, canFail } = equality(a, b);
    return { canHold: canFail, canFail: canHold };
  }
  if (operator === "==") return equality(a, b);
  if (a.kind !== "range" || b.kind !== "range") return { canHold: true, canFail: true };
  switch (operator) {
    case "<":
      return { canHold: a.least < b.most, canFail: a.most >= b.least };
    case "<=":
      return { canHold: a.least <= b.most, canFail: a.most > b.least };
    case ">":
      return { canHold: a.most > b.least, canFail: a.least <= b.most };
    case ">=":
      return { canHold: a.most >= b.least, canFail: a.least < b.most };
  }
}

function equality(a: Reach, b: Reach): { canHold: boolean; canFail: boolean } {
  if (a.kind === "range" && b.kind === "range") {
    const isOne = a.least === a.most && b.least === b.most && a.least === b.least;
    return { canHold: a.least <= b.most && b.least <= a.most, canFail: !isOne };
  }
  if (a.kind === "text" && b.kind === "text" && a.text !== undefined && b.text !== undefined) {
    return { canHold: a.text === b.text, canFail: a.text !== b.text };
  }
  return { canHold: true, canFail: true };
}

function membership(item: Reach, list: Reach): { canHold: boolean; canFail: boolean } {
  if (list.kind !== "list") return { canHold: true, canFail: true };
  const each = list.items.map((other) => equality(item, other));
  return {
    canHold: each.some(({ canHold }) => canHold),
    canFail: each.every(({ canFail }) => canFail),
  };
}

export function arithmetic(operator: "+" | "-" | "*" | "/" | "%", a: Reach, b: Reach): Reach {
  if (a.kind === "text" || b.kind === "text") return ANY_TEXT;
  if (a.kind !== "range" || b.kind !== "range") return ANY_NUMBER;
  if (operator === "+") return sound(a.least + b.least, a.most + b.most);
  if (operator === "-") return sound(a.least - b.most, a.most - b.least);
  if (operator === "*") {
    const products = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most];
    return sound(Math.min(...products), Math.max(...products));
  }
  // Whole numbers divide otherwise than numbers; nothing is said of a quotient.
  return ANY_NUMBER;
}

/** Infinity less infinity says nothing. */
function sound(least: number, most: number): Reach {
  return Number.isNaN(least) || Number.isNaN(most) ? ANY_NUMBER : range(least, most);
}
