import type { Policy } from "../../policy/automation.ts";
import { digestOf } from "../../policy/digest.ts";
import { attend } from "./attend.ts";
import { end } from "./ending.ts";
import type { PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { propose, say } from "./propose.ts";

/**
 * One Policy as a machine: when its condition holds, the first of its actions that may be taken is; what it was meant to
 * improve is watched; it stays, is taken back, or gives way to the next. A machine of plain values.
 */
export function stepPolicy(
  policy: Policy,
  known: PolicyState | undefined,
  at: PolicyTick,
): PolicyTurn {
  const key = keyOf(policy);
  const state = known?.key === key ? known : { ...fresh(key, at.tick), ...carried(known, at.tick) };
  if (policy.mode === "off") return release(policy, state, at, "it is switched off");
  const checked = at.check(policy.when);
  const seen = noteWhen(state, checked.value, at.tick);
  if (seen.active !== undefined) return attend(policy, seen, seen.active, checked, at);
  if (checked.value === undefined)
    return say(policy, seen, "hold", `unknown: ${checked.unknown.join("; ")}`, checked, at);
  if (!checked.value) return quiet(seen);
  return propose(policy, seen, checked, at);
}

/** The same document is asked every second. */
function keyOf(policy: Policy): string {
  const key = KEYS.get(policy) ?? digestOf(policy).slice(0, 16);
  KEYS.set(policy, key);
  return key;
}

const KEYS = new WeakMap<Policy, string>();

function fresh(key: string, tick: number): PolicyState {
  return {
    key,
    rank: 0,
    when: undefined,
    whenTick: tick,
    failedTicks: [],
    succeededTicks: [],
    said: "",
  };
}

/** The breaker is about what was done, and outlives a change of the document. */
function carried(known: PolicyState | undefined, tick: number): Partial<PolicyState> {
  if (known === undefined) return {};
  const { failedTicks, openUntilTick } = known;
  return {
    failedTicks,
    ...(openUntilTick !== undefined && openUntilTick > tick && { openUntilTick }),
  };
}

function noteWhen(state: PolicyState, value: boolean | undefined, tick: number): PolicyState {
  return state.when === value ? state : { ...state, when: value, whenTick: tick };
}

/** The condition is false: nothing is wished, and the next time begins with the first action. */
function quiet(state: PolicyState): PolicyTurn {
  const { pending: _, ...rest } = state;
  return { state: { ...rest, rank: 0, said: "" }, news: [], moved: [] };
}

function release(policy: Policy, state: PolicyState, at: PolicyTick, why: string): PolicyTurn {
  if (state.active === undefined) return quiet(state);
  return end(
    policy,
    state,
    state.active,
    { verdict: "withdraw", because: `${why}.`, failed: false },
    at,
  );
}
