import type { Scope } from "./scope.ts";

export interface Override {
  readonly name: string;
  /** Claimed, not verified. */
  readonly by: string;
  /** Claimed too: it approves nothing. */
  readonly approvedBy: readonly string[];
  readonly scope: Scope;
  /** It holds once two people have agreed to it by the API, whatever the names above. */
  readonly breakGlass: boolean;
  /** Knob to value: `rateLimit.NAME.factor`, `canary.weight`, `policy.NAME.mode`. */
  readonly set: Readonly<Record<string, number | string>>;
  /** From when it is first seen; 1..86400. */
  readonly ttlSeconds: number;
  readonly reason: string;
}
