import type { Rollout } from "../../policy/intent/rollout.ts";
import { verdict as judge, type Verdict } from "../stats/canary.ts";
import { told } from "./rollout-news.ts";
import {
  back,
  enter,
  type RolloutState,
  type RolloutTick,
  type RolloutTurn,
} from "./rollout-state.ts";

/** What the evidence says: on, back, or not yet and why. */
export function proceed(rollout: Rollout, turn: RolloutTurn, at: RolloutTick): RolloutTurn {
  const { state, news } = turn;
  if (state.phase !== "progressing" && state.phase !== "waiting" && state.phase !== "paused")
    return turn;
  const found = judge(state.evidence);
  if (found.kind === "worse") return retreat(rollout, turn, found, at);
  if (state.phase === "paused") return turn;
  if (at.pinned !== undefined) {
    return halt(rollout, turn, `${at.pinned.by} holds it at ${at.pinned.percent} %`, found);
  }
  const overdue =
    rollout.deadline !== undefined && at.tick - state.startTick >= rollout.deadline.afterSeconds;
  if (overdue && rollout.deadline?.then === "rollback") {
    const next = back(rollout, state, at.tick);
    const because = `It has taken longer than its deadline of ${rollout.deadline.afterSeconds} s.`;
    return { state: next, news: [...news, told(rollout, "roll back", because, found)] };
  }
  const hold =
    whyNot(rollout, state, found, at) ?? (overdue ? "it has passed its deadline" : undefined);
  if (hold !== undefined) return halt(rollout, turn, hold, found);
  const next = enter(rollout, state, state.step + 1, at.tick);
  const guards = next.percent > state.percent ? at.guard(next.percent) : [];
  const forbidden = guards.find(({ passed }) => !passed);
  if (forbidden !== undefined) {
    return halt(
      rollout,
      turn,
      `${forbidden.name} forbids ${next.percent} %: ${forbidden.text}`,
      found,
    );
  }
  const verdict = next.phase === "promoted" ? "promote" : "advance";
  const because = `${rollout.canary} has stood at ${state.percent} % for ${at.tick - state.stepTick} s and is ${found.kind === "safe" ? "shown to be safe" : "not shown to be worse"}; it gets ${next.percent} %.`;
  return { state: next, news: [...news, told(rollout, verdict, because, found, guards)] };
}

/** Undefined: the step is done. */
function whyNot(
  rollout: Rollout,
  state: RolloutState,
  found: Verdict,
  { tick }: RolloutTick,
): string | undefined {
  const step = rollout.steps[state.step];
  if (step === undefined) return undefined;
  if (step.kind === "hold") return `waits for someone of role ${step.role} to promote it`;
  const stood = tick - state.stepTick;
  if (stood < step.forSeconds) return "";
  if (found.counts.canary.requests === 0)
    return "the canary gets no traffic, and silence is no evidence";
  if (found.sampleRatio.isOff) return found.sampleRatio.text;
  if (found.kind === "safe") return undefined;
  const { orSeconds, minRequests } = rollout.judge.safe;
  const waited = stood >= Math.max(step.forSeconds, orSeconds);
  if (waited && found.counts.canary.requests >= minRequests) return undefined;
  return `neither safe nor worse yet: ${found.text}`;
}

function retreat(
  rollout: Rollout,
  turn: RolloutTurn,
  found: Verdict,
  at: RolloutTick,
): RolloutTurn {
  if (rollout.onWorse.action === "hold")
    return halt(rollout, turn, `it is worse: ${found.text}`, found);
  const next = back(rollout, turn.state, at.tick);
  return {
    state: next,
    news: [
      ...turn.news,
      told(
        rollout,
        "roll back",
        `${rollout.canary} is worse than ${rollout.stable}: ${found.text}.`,
        found,
      ),
    ],
  };
}

/** News only where the reason is a new one; the empty reason is mere waiting. */
function halt(
  rollout: Rollout,
  { state, news }: RolloutTurn,
  why: string,
  found: Verdict,
): RolloutTurn {
  const step = rollout.steps[state.step];
  const phase = step?.kind === "hold" ? "waiting" : state.phase;
  const isNews = why !== "" && headOf(why) !== headOf(state.why);
  const next: RolloutState = { ...state, phase, why: why === "" ? state.why : why };
  if (!isNews) return { state: { ...next, why }, news };
  return { state: next, news: [...news, told(rollout, "hold", `${why}.`, found)] };
}

/** Numbers in a reason move every second; its words do not. */
function headOf(why: string): string {
  return why.replace(/[\d.]+/g, "");
}
