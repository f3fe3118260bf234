import { Role } from "./config-check.ts";
import { ScopeLedger } from "./ledger.ts";
import { Scope, Tier } from "./records.ts";

/** Makes a scope's bounds and tiers hold: the newest's at a push, another's when a stream shows that its policy does. */
export function follow(scope: Scope, ledger: ScopeLedger): void {
  ledger.rule = changetype<usize>(scope);
  ledger.shed.setBounds(scope.limitMin, scope.limitMax, scope.limitInitial);
  ledger.recall(scope.memoryLimit, scope.memoryBaselineMs);
  ledger.setOutbound(scope.role === <u32>Role.Outbound);
  ledger.setTiers(scope.tierCount);
  ledger.load.isAsked = scope.isLoadReported && scope.role === <u32>Role.Limiting;
  let tier: Tier | null = scope.tiers;
  while (tier !== null) {
    const held = tier.ledger;
    if (held !== null) held.index = tier.index;
    tier = tier.next;
  }
}
