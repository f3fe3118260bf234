import type { Policy } from "../../policy/automation.ts";
import { digestOf } from "../../policy/digest.ts";
import { attend } from "./attend.ts";
import type { Checked } from "./condition.ts";
import { scoreCure, UNWATCHED, watchDrift } from "./drift-watch.ts";
import { end } from "./ending.ts";
import { endingOf, newLedger, note, noteTried } from "./ledger.ts";
import type { News } from "./news.ts";
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
  const key = digestOf(policy).slice(0, 16);
  // What a version before this one has stored may lack a part.
  const state: PolicyState = {
    ...fresh(key, at.tick),
    ...(known?.key === key ? known : carried(known, at.tick)),
  };
  if (policy.mode === "off") return release(policy, state, at, "it is switched off");
  const checked = at.check(policy.when);
  const watched = watchDrift(policy, state.watch, { active: state.active, at });
  const seen = noteWhen({ ...state, watch: watched.watch }, checked.value, at.tick);
  return settle(policy, seen, go(policy, seen, checked, at), watched.news, at);
}

/** What came of an action is written into the books of its Policy. */
function settle(
  policy: Policy,
  { active, ledger, tried }: PolicyState,
  turn: PolicyTurn,
  before: readonly News[],
  { tick }: PolicyTick,
): PolicyTurn {
  const ending = endingOf(turn.news);
  const came = ending === "helped";
  const scored =
    active === undefined || ending === undefined || ending === "recovered"
      ? { watch: turn.state.watch, news: [] }
      : scoreCure(policy, turn.state.watch, { pCure: active.pCure, came });
  return {
    ...turn,
    state: {
      ...turn.state,
      watch: scored.watch,
      ledger: note(ledger, turn.news, active, tick),
      tried: active === undefined ? tried : noteTried(tried, active.rank, ending),
    },
    news: [...before, ...turn.news, ...scored.news],
  };
}

function go(policy: Policy, seen: PolicyState, checked: Checked, at: PolicyTick): PolicyTurn {
  if (seen.active !== undefined) return attend(policy, seen, seen.active, checked, at);
  if (checked.value === undefined)
    return say(policy, seen, "hold", `unknown: ${checked.unknown.join("; ")}`, checked, at);
  if (!checked.value) return quiet(seen);
  return propose(policy, seen, checked, at);
}

function fresh(key: string, tick: number): PolicyState {
  return {
    key,
    rank: 0,
    when: undefined,
    whenTick: tick,
    failedTicks: [],
    succeededTicks: [],
    tried: {},
    watch: UNWATCHED,
    ledger: newLedger(tick),
    said: "",
  };
}

/** Breaker and ledger are about what was done, and outlive a change of the document. */
function carried(known: PolicyState | undefined, tick: number): Partial<PolicyState> {
  if (known === undefined) return {};
  const { failedTicks, openUntilTick, ledger } = known;
  return {
    failedTicks,
    ledger,
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
