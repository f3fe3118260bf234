import {
  type CapacityMemory,
  isWorthPushing,
  NO_MEMORY,
  remember,
} from "../decide/capacity-memory.ts";
import { sheddingsOf } from "../decide/scopes.ts";
import type { EvidenceSnapshot } from "../evidence/snapshot.ts";
import { roleKey, rolesOf } from "../policy/node-role.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/**
 * Capacity memory of every role (`gateway/edge`): what is known now and what its Envoys were last given. Begins with what was
 * given before this process (`capacity-state.ts`); what is there of a role without intent goes with its first use.
 */
export interface CapacityKeeperOptions {
  /** By role. */
  readonly pushed: ReadonlyMap<string, CapacityMemory>;
  /** What every role was last given, after each time one was. */
  readonly onPushed: (memories: ReadonlyMap<string, CapacityMemory>) => void;
}

export class CapacityKeeper {
  readonly #roles: Map<string, Kept>;
  readonly #onPushed: CapacityKeeperOptions["onPushed"];

  constructor({ pushed, onPushed }: CapacityKeeperOptions) {
    this.#onPushed = onPushed;
    this.#roles = new Map(
      [...pushed].map(([role, memory]) => [
        role,
        { known: memory, pushed: memory, pushedMs: Number.NEGATIVE_INFINITY },
      ]),
    );
  }

  /** Takes in what the Envoys show; a role that left the intent is forgotten. */
  learn(policySet: PolicySet, evidence: EvidenceSnapshot): void {
    const roles = new Map(rolesOf(policySet).map((role) => [roleKey(role), role]));
    for (const key of this.#roles.keys()) if (!roles.has(key)) this.#roles.delete(key);
    for (const [key, role] of roles) {
      const scopes = sheddingsOf(policySet, role).map(({ name }) => name);
      const nodes = evidence.nodes.filter((node) => node.role === key);
      const kept = this.#kept(key);
      kept.known = remember(kept.known, scopes, nodes);
    }
  }

  /** Known and pushed are the same from now on. */
  markPushed(roles: readonly string[], nowMs: number): void {
    if (roles.length === 0) return;
    for (const role of roles) {
      const kept = this.#kept(role);
      kept.pushed = kept.known;
      kept.pushedMs = nowMs;
    }
    this.#onPushed(new Map([...this.#roles].map(([role, { pushed }]) => [role, pushed])));
  }

  known(role: string): CapacityMemory {
    return this.#kept(role).known;
  }

  /** Whether the Envoys of the role should be given what is known; `isAwaited`: one of them has just connected. */
  isDue(role: string, at: { readonly nowMs: number; readonly isAwaited: boolean }): boolean {
    const { known, pushed, pushedMs } = this.#kept(role);
    return isWorthPushing({ known, pushed, sinceMs: at.nowMs - pushedMs, isAwaited: at.isAwaited });
  }

  #kept(role: string): Kept {
    const kept = this.#roles.get(role) ?? {
      known: NO_MEMORY,
      pushed: NO_MEMORY,
      pushedMs: Number.NEGATIVE_INFINITY,
    };
    this.#roles.set(role, kept);
    return kept;
  }
}

interface Kept {
  known: CapacityMemory;
  pushed: CapacityMemory;
  /** Monotonic. */
  pushedMs: number;
}
