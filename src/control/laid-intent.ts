import type { ActionInForce } from "../decide/act/action.ts";
import { type EffectiveIntent, layOver } from "../decide/act/effective.ts";
import { digestOf } from "../policy/digest.ts";
import type { PolicySet } from "../policy/policy-set.ts";

/** Intent with the actions in force laid over it: what Envoys are given. */
export interface LaidIntent {
  readonly policySet: PolicySet;
  readonly actions: readonly ActionInForce[];
  /** Those that hold on some Envoys only. */
  readonly partial: readonly ActionInForce[];
  /** Where no action holds that does not hold everywhere. */
  readonly effective: EffectiveIntent;
  readonly digest: string;
}

export function layIntent(policySet: PolicySet, actions: readonly ActionInForce[]): LaidIntent {
  const partial = actions.filter(({ nodes }) => nodes !== undefined);
  const effective = layOver(policySet, everywhere(actions));
  return { policySet, actions, partial, effective, digest: digestOf([effective, partial]) };
}

/** Where these hold beside those that hold everywhere. */
export function layAlso(
  { policySet, actions, effective }: LaidIntent,
  own: readonly ActionInForce[],
): EffectiveIntent {
  return own.length === 0 ? effective : layOver(policySet, [...everywhere(actions), ...own]);
}

function everywhere(actions: readonly ActionInForce[]): readonly ActionInForce[] {
  return actions.filter(({ nodes }) => nodes === undefined);
}
