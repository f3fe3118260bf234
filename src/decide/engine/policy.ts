import { digestOf } from "../../policy/digest.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { attend } from "./attend.ts";
import { CLOSED, phaseOf, type Strain, strain } from "./breaker.ts";
import { breakerNews } from "./breaker-news.ts";
import type { Checked } from "./condition.ts";
import { scoreCure, UNWATCHED, watchDrift } from "./drift-watch.ts";
import { end } from "./ending.ts";
import { endingOf, newLedger, note, noteTried } from "./ledger.ts";
import type { News } from "./news.ts";
import type { PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { propose } from "./propose.ts";
import { say } from "./say.ts";
import { NO_SHADOW, noteShadow } from "./shadow-report.ts";

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
  // What a version before this one has stored may lack a part.
  const state: PolicyState = {
    ...fresh(key, at.tick),
    ...(known?.key === key ? known : carried(known)),
  };
  if (policy.mode === "off") return release(policy, state, at, "it is switched off");
  const checked = at.check(policy.when);
  const watched = watchDrift(policy, state.watch, { active: state.active, at });
  const seen = noteWhen({ ...state, watch: watched.watch }, checked.value, at.tick);
  const turn = go(withinBreaker(policy, seen, at.tick), seen, checked, at);
  return settle(policy, seen, turn, watched.news, at);
}

/** The one action that a half open breaker lets through begins on some Envoys only. */
function withinBreaker(policy: Policy, { breaker }: PolicyState, tick: number): Policy {
  if (policy.mode !== "enforce" || phaseOf(breaker, tick) !== "half open") return policy;
  return { ...policy, mode: "canary", canary: policy.canary ?? PROBE };
}

const PROBE = { nodesRatio: 0.1, forSeconds: 120 };

/** What came of an action is written into the books of its Policy. */
function settle(
  policy: Policy,
  { active, ledger, tried, breaker, shadow }: PolicyState,
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
  const isReal = active?.action?.isShadow !== true;
  const strained: Strain = {
    policy: policy.name,
    ...(isReal &&
      ending !== undefined &&
      ending !== "recovered" && { ended: came ? "well" : "badly" }),
    isReverted: isReal && ending === "harmed",
    isSpent: turn.isSpent === true,
  };
  const next = strain(breaker, strained, { tick });
  return {
    ...turn,
    strain: strained,
    state: {
      ...turn.state,
      breaker: next,
      shadow: noteShadow(shadow, turn.news, { before: active, after: turn.state.active, tick }),
      watch: scored.watch,
      ledger: note(ledger, turn.news, active, tick),
      tried: active === undefined ? tried : noteTried(tried, active.rank, ending),
    },
    news: [
      ...before,
      ...turn.news,
      ...scored.news,
      ...breakerNews({ kind: "Policy", name: policy.name }, breaker, next),
    ],
  };
}

function go(policy: Policy, seen: PolicyState, checked: Checked, at: PolicyTick): PolicyTurn {
  if (seen.active !== undefined) return attend(policy, seen, seen.active, checked, at);
  if (checked.value === undefined)
    return say(policy, seen, "hold", `unknown: ${checked.unknown.join("; ")}`, checked);
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
    succeededTicks: [],
    tried: {},
    breaker: CLOSED,
    shadow: NO_SHADOW,
    watch: UNWATCHED,
    ledger: newLedger(tick),
    said: "",
  };
}

/** Breaker and ledger are about what was done, and outlive a change of the document. */
function carried(known: PolicyState | undefined): Partial<PolicyState> {
  if (known === undefined) return {};
  const { breaker, ledger } = known;
  return { breaker, ledger };
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
