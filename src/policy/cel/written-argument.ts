/** Arguments that must stand in a condition as literals: names, windows, durations, quantiles. */
import { type ASTNode, serialize } from "@marcbachmann/cel-js";
import { LONGEST_SPAN, parseSpan } from "../span.ts";
import type { Parameter } from "./language.ts";
import { Duration } from "./tree.ts";

type Argument =
  /** `names`: the document, signal or role it is the name of. Windows are seconds. */
  | { readonly value: string | number; readonly names?: string }
  /** A sentence. */
  | { readonly fault: string };

export function readArgument(arg: ASTNode, kind: Parameter): Argument {
  const value: unknown = arg.op === "value" ? arg.args : undefined;
  const text = serialize(arg);
  if (kind === "quantile") {
    const isShare = typeof value === "number" && value > 0 && value < 1;
    return isShare ? { value } : { fault: `${text} is not a number between 0.0 and 1.0` };
  }
  if (typeof value !== "string") return { fault: `${text} is not written out as a text in quotes` };
  if (kind === "window" || kind === "horizon") return readWindow(value, { kind, text });
  if (kind !== "claim") return { value, names: value };
  const isClaim = value === "worse" || value === "safe";
  return isClaim ? { value } : { fault: `${text} is not "worse" or "safe"` };
}

function readWindow(written: string, { kind, text }: { kind: Parameter; text: string }): Argument {
  if (kind === "horizon" && written === "eod") return { value: written };
  const seconds = parseSpan(written);
  if (seconds !== undefined && seconds >= 1 && seconds <= LONGEST_SPAN) return { value: seconds };
  const rest = kind === "horizon" ? ", 1h or eod" : " or 1h";
  return { fault: `${text} is not a window such as 30s, 5m${rest}` };
}

export function readDuration(arg: ASTNode | undefined): Duration | undefined {
  const written: unknown = arg?.op === "value" ? arg.args : undefined;
  const seconds = typeof written === "string" ? parseSpan(written) : undefined;
  return seconds === undefined ? undefined : new Duration(seconds);
}
