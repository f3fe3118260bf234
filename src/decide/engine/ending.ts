import type { Policy } from "../../policy/intent/policy.ts";
import type { Seen } from "../record.ts";
import type { News } from "./news.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";

export interface Ending {
  readonly verdict: string;
  readonly because: string;
  readonly failed: boolean;
  readonly seen?: readonly Seen[];
}

/** Takes the action back. Releasing waits for its budget, harm never does. */
export function end(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { verdict, because, failed, seen }: Ending,
  at: PolicyTick,
  rank = 0,
): PolicyTurn {
  const knob = active.action?.isShadow === false ? active.action.knob : undefined;
  const waits =
    knob !== undefined && !failed && verdict === "release"
      ? at.mayMove(knob, "release")
      : undefined;
  if (waits !== undefined) return { state, news: [], moved: [] };
  const { active: _, pending: _asked, ...rest } = state;
  return {
    state: { ...rest, rank, said: "" },
    news: [outcome(policy, active, verdict, because, seen)],
    moved: knob === undefined ? [] : [knob],
  };
}

export function outcome(
  policy: Policy,
  active: Active,
  verdict: string,
  because: string,
  seen?: readonly Seen[],
): News {
  return {
    kind: "outcome",
    subject: { kind: "Policy", name: policy.name },
    body: {
      verdict,
      because: [because],
      causes: [active.decision],
      ...(seen !== undefined && { seen }),
      ...(active.action && { action: active.action }),
    },
  };
}

export function recent(ticks: readonly number[], now: number): readonly number[] {
  return ticks.filter((tick) => now - tick < HOUR);
}

const HOUR = 3600;
