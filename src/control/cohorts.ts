import type { ActionInForce } from "../decide/act/action.ts";
import { isIn } from "../decide/act/node-share.ts";
import { digestOf } from "../policy/digest.ts";
import { roleIn } from "./places.ts";

/**
 * Which Envoys of a role are given something of their own, because some actions hold on some Envoys only. All on which the
 * same of these actions hold are one cohort: one snapshot, encoded once. Those on which none does stay with the role.
 */
export class Cohorts {
  #partial: readonly ActionInForce[] = [];
  /** By the part of a key behind the `#`. */
  #holding = new Map<string, readonly ActionInForce[]>();

  /** Those that do not hold everywhere. */
  set(partial: readonly ActionInForce[]): void {
    this.#partial = partial;
    this.#holding = new Map();
  }

  /** `gateway/edge@eu/a`, or `gateway/edge@eu/a#1f0c93ab` where an action holds that does not everywhere. */
  keyOf(seat: string, nodeId: string): string {
    const holding = this.#partial.filter(({ nodes }) => nodes !== undefined && isIn(nodes, nodeId));
    if (holding.length === 0) return seat;
    const name = digestOf(holding.map(({ id }) => id)).slice(0, 8);
    this.#holding.set(name, holding);
    return `${seat}#${name}`;
  }

  /** What holds on the nodes of a key beside what holds everywhere. */
  actionsOf(key: string): readonly ActionInForce[] {
    return this.#holding.get(key.split("#")[1] ?? "") ?? [];
  }
}

/** The role of a key, without place and cohort. */
export function roleOfKey(key: string): string {
  return roleIn(key.split("#")[0] ?? key);
}
