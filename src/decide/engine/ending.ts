import type { Policy } from "../../policy/automation.ts";
import type { News } from "./news.ts";
import type { Active, PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";

export interface Ending {
  readonly verdict: string;
  readonly because: string;
  readonly failed: boolean;
}

/** Takes the action back. Releasing waits for its budget, harm never does. */
export function end(
  policy: Policy,
  state: PolicyState,
  active: Active,
  { verdict, because, failed }: Ending,
  at: PolicyTick,
  rank = 0,
): PolicyTurn {
  const { tick } = at;
  const knob = active.action?.isShadow === false ? active.action.knob : undefined;
  const waits =
    knob !== undefined && !failed && verdict === "release"
      ? at.mayMove(knob, "release")
      : undefined;
  if (waits !== undefined) return { state, news: [], moved: [] };
  const failedTicks = failed ? recent([...state.failedTicks, tick], tick) : state.failedTicks;
  const opens = failed && failedTicks.length >= BREAKER_FAILURES;
  const { active: _, ...rest } = state;
  const open: News[] = opens ? [brokenNews(policy, active)] : [];
  return {
    state: {
      ...rest,
      rank,
      failedTicks,
      said: "",
      ...(opens && { openUntilTick: tick + BREAKER_OPEN_SECONDS }),
    },
    news: [outcome(policy, active, verdict, because), ...open],
    moved: knob === undefined ? [] : [knob],
  };
}

function brokenNews(policy: Policy, active: Active): News {
  const because = `It failed ${BREAKER_FAILURES} times within an hour; for ${BREAKER_OPEN_SECONDS / 60} minutes it only says what it would do. A person should look.`;
  return { ...outcome(policy, active, "open breaker", because), kind: "decision" };
}

export function outcome(policy: Policy, active: Active, verdict: string, because: string): News {
  return {
    kind: "outcome",
    subject: { kind: "Policy", name: policy.name },
    body: {
      verdict,
      because: [because],
      causes: [active.decision],
      ...(active.action && { action: active.action }),
    },
  };
}

export function recent(ticks: readonly number[], now: number): readonly number[] {
  return ticks.filter((tick) => now - tick < HOUR);
}

const HOUR = 3600;

/** Failures within the hour that open the breaker, and for how long. */
const BREAKER_FAILURES = 2;

const BREAKER_OPEN_SECONDS = 1800;
