import {
  type CapacityMemory,
  isWorthPushing,
  NO_MEMORY,
  remember,
} from "../decide/capacity-memory.ts";
import { sheddingsOf } from "../decide/scopes.ts";
import type { EvidenceSnapshot, NodeEvidence } from "../evidence/snapshot.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/**
 * Capacity memory of every gateway: what is known now and what its Envoys were last given. Lives as long as this process;
 * a control plane that begins anew knows nothing until its Envoys have reported, and no Envoy that runs on minds.
 */
export class CapacityKeeper {
  readonly #gateways = new Map<string, Kept>();

  /** Takes in what the Envoys show; a gateway that left the intent is forgotten. */
  learn(policySet: PolicySet, evidence: EvidenceSnapshot): void {
    const names = new Set(policySet.gateways.map(({ name }) => name));
    for (const name of this.#gateways.keys()) if (!names.has(name)) this.#gateways.delete(name);
    for (const name of names) {
      const nodes = evidence.nodes.filter(({ gateway }) => gateway === name);
      this.#learn(name, policySet, nodes);
    }
  }

  /** Known and pushed are the same from now on. */
  markPushed(gateway: string, nowMs: number): void {
    const kept = this.#kept(gateway);
    kept.pushed = kept.known;
    kept.pushedMs = nowMs;
  }

  known(gateway: string): CapacityMemory {
    return this.#kept(gateway).known;
  }

  /** Whether the gateway's Envoys should be given what is known; `isAwaited`: one of them has just connected. */
  isDue(gateway: string, at: { readonly nowMs: number; readonly isAwaited: boolean }): boolean {
    const { known, pushed, pushedMs } = this.#kept(gateway);
    return isWorthPushing({ known, pushed, sinceMs: at.nowMs - pushedMs, isAwaited: at.isAwaited });
  }

  #learn(gateway: string, policySet: PolicySet, nodes: readonly NodeEvidence[]): void {
    const scopes = sheddingsOf(policySet, gateway).map(({ name }) => name);
    const kept = this.#kept(gateway);
    kept.known = remember(kept.known, scopes, nodes);
  }

  #kept(gateway: string): Kept {
    const kept = this.#gateways.get(gateway) ?? {
      known: NO_MEMORY,
      pushed: NO_MEMORY,
      pushedMs: Number.NEGATIVE_INFINITY,
    };
    this.#gateways.set(gateway, kept);
    return kept;
  }
}

interface Kept {
  known: CapacityMemory;
  pushed: CapacityMemory;
  /** Monotonic. */
  pushedMs: number;
}
