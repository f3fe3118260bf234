/** CEL's operators on values whose types were checked: exact whole numbers of 64 bits, IEEE numbers, durations, texts by code point. */
import { Duration, type Value } from "./tree.ts";

const LEAST_INT = -(2n ** 63n);
export const MOST_INT = 2n ** 63n - 1n;

type Operand = Value | undefined;
type Ordering = "<" | "<=" | ">" | ">=";
type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** Undefined: a whole number beyond 64 bits, or divided by zero. */
export function compute(operator: Arithmetic, left: Operand, right: Operand): Value | undefined {
  if (typeof right === "bigint" && typeof left === "bigint") {
    return computeWhole(operator, left, right);
  }
  if (left instanceof Duration && right instanceof Duration) {
    const { seconds } = right;
    return new Duration(operator === "+" ? left.seconds + seconds : left.seconds - seconds);
  }
  if (typeof right === "string") return String(left) + right;
  return computeNumber(operator, Number(left), Number(right));
}

/** Of 0.0 it is -0.0, which is another number once something is divided by it. */
export function negate(value: Operand): Value | undefined {
  return typeof value === "number" ? -value : compute("-", 0n, value);
}

function computeWhole(operator: Arithmetic, left: bigint, right: bigint): bigint | undefined {
  if ((operator === "/" || operator === "%") && right === 0n) return undefined;
  const result = {
    "+": () => left + right,
    "-": () => left - right,
    "*": () => left * right,
    "/": () => left / right,
    "%": () => left % right,
  }[operator]();
  return result < LEAST_INT || result > MOST_INT ? undefined : result;
}

function computeNumber(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      throw new Error("invariant: CEL has no remainder of numbers");
  }
}

/** Whole numbers and numbers compare by value; with NaN nothing holds. */
export function compareValues(operator: Ordering, left: Operand, right: Operand): boolean {
  const [a, b] = [comparable(left), comparable(right)];
  if (typeof a === "string" && typeof b === "string") {
    const order = Buffer.compare(Buffer.from(a), Buffer.from(b));
    return compareNumbers(operator, order, 0);
  }
  return compareNumbers(operator, a as number, b as number);
}

function compareNumbers(operator: Ordering, a: number, b: number): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

function comparable(value: Operand): number | bigint | string {
  if (value instanceof Duration) return value.seconds;
  return typeof value === "boolean" ? Number(value) : (value as number | bigint | string);
}

export function isEqual(left: Operand, right: Operand): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => isEqual(item, right[at]));
  }
  const [a, b] = [comparable(left), comparable(right)];
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1.0 is what CEL means
  return typeof a === "string" || typeof b === "string" ? a === b : a == b;
}

export function isIn(item: Operand, list: Operand): boolean {
  return Array.isArray(list) && list.some((each) => isEqual(item, each));
}
