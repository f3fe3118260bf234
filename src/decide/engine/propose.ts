import type { Policy } from "../../policy/intent/policy.ts";
import type { GuardVerdict, Weighed } from "../record.ts";
import { doubtOf } from "../stats/drift.ts";
import type { Checked } from "./condition.ts";
import type { Tried } from "./cures.ts";
import { methodOf } from "./drift-watch.ts";
import type { PolicyState } from "./policy-state.ts";
import type { PolicyTick, PolicyTurn } from "./policy-tick.ts";
import { say } from "./say.ts";
import { beginsAsShadow } from "./stages.ts";
import { type Grounds, take } from "./take.ts";
import type { Weighing } from "./weigh.ts";

const UNTRIED: Tried = { helped: 0, failed: 0 };

/** Which of the actions, if any: the first of the list that is worth it and that the guards let pass. */
export function propose(
  policy: Policy,
  state: PolicyState,
  checked: Checked,
  at: PolicyTick,
): PolicyTurn {
  const tells = policy.then.filter((each) => each.kind === "notify");
  if (tells.length === policy.then.length) {
    const verdict = policy.mode === "shadow" ? "would tell" : "tell";
    const whom = tells.map(({ severity, to }) => `${to} (${severity})`).join(", ");
    return say(policy, state, verdict, `tells ${whom}: ${policy.when.text}`, checked);
  }
  const measured = policy.verify && at.measure(policy.verify);
  const actions = policy.then.map((written) =>
    written.kind === "notify" ? written : at.resolve(written),
  );
  const weighing = at.weigh(actions, {
    measured,
    method: methodOf(policy, state.watch, at.tick),
    claims: checked.claims,
    doubt: doubtOf(state.watch.drift),
    triedOf: (rank) => state.tried[rank] ?? UNTRIED,
  });
  const guards: GuardVerdict[] = [];
  const grounds = (chosen?: number): Grounds => ({
    checked,
    guards,
    ...told(policy, weighing, chosen),
  });
  let isTried = false;
  for (const [rank, action] of actions.entries()) {
    if (rank < state.rank || action?.kind === "notify") continue;
    isTried = true;
    if (action === undefined) {
      const text = "the signal lacks a label that the action names";
      guards.push({ name: "labels", passed: false, text });
      continue;
    }
    const choice = weighing.choices[rank];
    if (choice?.isWorth !== true) continue;
    // A shadow refuses nobody; what it would is asked once it is known.
    const isSeenFirst = action.kind === "deny" && beginsAsShadow(policy);
    const affected = isSeenFirst ? 0 : at.affected(action);
    const said = at.guard(action, affected);
    guards.push(...said);
    if (said.some(({ passed }) => !passed)) continue;
    return take(
      policy,
      state,
      { rank, action, measured, pCure: choice.pCure, affected },
      grounds(rank),
      at,
    );
  }
  const why = isTried ? "none of its actions may be taken" : "all its actions were tried";
  const { checked: _, ...extra } = grounds();
  return say(policy, state, "hold", why, checked, extra);
}

/** What was weighed, for a person: the chosen, the best of the others, and doing nothing. */
function told(
  { then }: Policy,
  { choices, nothing, believed }: Weighing,
  chosen?: number,
): Pick<Grounds, "believed" | "weighed" | "flip"> {
  const others = choices.flatMap(({ weighed: { gain } }, rank) =>
    rank === chosen || gain === undefined ? [] : [{ rank, gain }],
  );
  const best = others.toSorted((a, b) => b.gain - a.gain)[0]?.rank;
  const weighed = choices.flatMap((choice, rank): Weighed[] => {
    if (then[rank]?.kind === "notify") return [];
    const place = rank === chosen ? "chosen" : rank === best ? "runner-up" : undefined;
    return [{ ...choice.weighed, ...(place !== undefined && { place }) }];
  });
  const flip = choices[chosen ?? best ?? -1]?.flip;
  return {
    ...(believed.length > 0 && { believed }),
    weighed: nothing === undefined ? weighed : [...weighed, nothing],
    ...(flip !== undefined && { flip }),
  };
}
