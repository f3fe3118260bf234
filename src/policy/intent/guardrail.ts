import type { Expression } from "../expression.ts";
import type { Scope } from "./scope.ts";

export interface Guardrail {
  readonly name: string;
  readonly owner: string;
  readonly scope: Scope;
  /** Yields to nobody, not even an Override that breaks the glass. */
  readonly absolute: boolean;
  /** Nothing may be done after which one of these holds. */
  readonly forbid: readonly Expression[];
  readonly onDataMissing: "hold" | "allow";
}
