import type { Evidence } from "../../evidence/evidence.ts";
import type { Rollout, RolloutStep } from "../../policy/automation.ts";
import { digestOf } from "../../policy/digest.ts";
import type { GuardVerdict, Seen } from "../record.ts";
import {
  type CanaryEvidence,
  verdict as judge,
  newCanaryEvidence,
  observeSecond,
  type Verdict,
} from "../stats/canary.ts";
import type { News } from "./news.ts";
import type { Order } from "./order.ts";

/**
 * Progressive delivery of one version: from step to step while the evidence allows it, back at once when the canary is
 * worse, and still where it does not know. A machine of plain values: state and a tick in, state and news out.
 */
export type RolloutPhase =
  | "progressing"
  | "waiting"
  | "paused"
  | "promoted"
  | "rolled back"
  | "locked";

export interface RolloutState {
  /** Of what was asked for; another document begins anew. */
  readonly key: string;
  readonly phase: RolloutPhase;
  /** Index into `steps`; their number: all are done. */
  readonly step: number;
  readonly stepTick: number;
  readonly startTick: number;
  /** Share of the canary now, 0..100. */
  readonly percent: number;
  readonly evidence: CanaryEvidence;
  /** Why it does not go on; a person reads it. */
  readonly why: string;
  /** Not begun again before; of the same pair of versions. */
  readonly lockedUntilTick?: number;
}

export interface RolloutTick {
  readonly tick: number;
  readonly evidence: Evidence;
  /** Oldest first, of this rollout only. */
  readonly orders: readonly Order[];
  /** No step forward and none back by itself. */
  readonly isFrozen: boolean;
  /** Somebody holds the canary at this share; it is judged all the same, and a canary that is worse goes back. */
  readonly pinned?: { readonly percent: number; readonly by: string };
  /** What the guardrails say to this share of the canary. */
  readonly guard: (percent: number) => readonly GuardVerdict[];
}

/** What people may tell a rollout where it stands. */
export function mayFollow(kind: Order["what"]["kind"], phase: RolloutPhase): boolean {
  const isOver = phase === "promoted" || phase === "rolled back";
  switch (kind) {
    case "abort":
      return phase !== "rolled back";
    case "pause":
      return !isOver && phase !== "paused";
    case "resume":
      return phase === "paused";
    case "promote":
      return !isOver;
    case "retry":
      return isOver;
    default:
      return false;
  }
}

export interface RolloutTurn {
  readonly state: RolloutState;
  readonly news: readonly News[];
}

export function stepRollout(
  rollout: Rollout,
  known: RolloutState | undefined,
  at: RolloutTick,
): RolloutTurn {
  const key = keyOf(rollout);
  const state = known?.key === key ? known : begin(rollout, key, at.tick, known);
  const begun = state === known ? [] : [told(rollout, "start", startText(rollout, state))];
  const heard = observe(rollout, state, at.evidence);
  const ordered = at.orders.reduce((turn: RolloutTurn, order) => follow(rollout, turn, order, at), {
    state: heard,
    news: begun,
  });
  const judged = at.isFrozen ? ordered : proceed(rollout, ordered, at);
  return { ...judged, state: pin(rollout, judged.state, at) };
}

/** Under way it stands where somebody holds it, else at its step. */
function pin({ steps }: Rollout, state: RolloutState, { pinned, tick }: RolloutTick): RolloutState {
  if (!["progressing", "waiting", "paused"].includes(state.phase)) return state;
  const step = steps.slice(0, state.step + 1).findLast(({ kind }) => kind === "weight");
  const own = step?.kind === "weight" ? step.percent : 0;
  const percent = pinned?.percent ?? own;
  // Let go, it stands at its step for the whole time of the step: nothing is jumped over.
  const stepTick = pinned === undefined ? state.stepTick : tick;
  return percent === state.percent && stepTick === state.stepTick
    ? state
    : { ...state, percent, stepTick };
}

/** Weights of the service while the rollout stands where it is. */
export function weightsOf(
  { stable, canary }: Rollout,
  { percent }: RolloutState,
): Readonly<Record<string, number>> {
  return { [stable]: 100 - percent, [canary]: percent };
}

function keyOf({ service, stable, canary, steps }: Rollout): string {
  return digestOf({ service, stable, canary, steps }).slice(0, 16);
}

function begin(
  rollout: Rollout,
  key: string,
  tick: number,
  known: RolloutState | undefined,
): RolloutState {
  const lockedUntilTick = known?.lockedUntilTick;
  const [first] = rollout.steps;
  return {
    key,
    phase: "progressing",
    step: 0,
    stepTick: tick,
    startTick: tick,
    percent: first?.kind === "weight" ? first.percent : 0,
    evidence: newCanaryEvidence(rollout.judge),
    why: "",
    ...(lockedUntilTick !== undefined && { lockedUntilTick }),
  };
}

/** Every second is taken once, and only while both versions get traffic. */
function observe(rollout: Rollout, state: RolloutState, evidence: Evidence): RolloutState {
  if (state.percent === 0 || state.percent === 100) return state;
  const countsOf = (version: string) => evidence.countsOf({ service: rollout.service, version }, 1);
  const canary = countsOf(rollout.canary);
  const stable = countsOf(rollout.stable);
  if (canary.seconds === 0 || stable.seconds === 0) return state;
  const share = state.percent / 100;
  return { ...state, evidence: observeSecond(state.evidence, { canary, stable, share }) };
}

/** What a person said goes before what the evidence says. */
function follow(
  rollout: Rollout,
  { state, news }: RolloutTurn,
  order: Order,
  at: RolloutTick,
): RolloutTurn {
  const { kind } = order.what;
  const by = (next: RolloutState, verdict: string, because: string): RolloutTurn => ({
    state: next,
    news: [...news, { ...told(rollout, verdict, because), actor: order.by }],
  });
  if (!mayFollow(kind, state.phase)) return { state, news };
  const said = order.reason === undefined ? "" : `: ${order.reason}`;
  switch (kind) {
    case "abort":
      return by(back(rollout, state, at.tick), "roll back", `${order.by} asked for it${said}.`);
    case "pause":
      return by(
        { ...state, phase: "paused", why: `paused by ${order.by}${said}` },
        "pause",
        `${order.by} asked for it${said}.`,
      );
    case "resume":
      return by(
        { ...state, phase: "progressing", stepTick: at.tick, why: "" },
        "resume",
        `${order.by} asked for it${said}.`,
      );
    case "promote":
      return by(
        enter(rollout, state, state.step + 1, at.tick),
        "advance",
        `${order.by} asked for it${said}.`,
      );
    case "retry": {
      const anew = begin(rollout, state.key, at.tick, undefined);
      return by(anew, "start", `${order.by} asked for it${said}.`);
    }
    default:
      return { state, news };
  }
}

function proceed(rollout: Rollout, turn: RolloutTurn, at: RolloutTick): RolloutTurn {
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

function enter(rollout: Rollout, state: RolloutState, step: number, tick: number): RolloutState {
  const next: RolloutStep | undefined = rollout.steps[step];
  if (next === undefined) {
    return { ...state, step, stepTick: tick, phase: "promoted", percent: 100, why: "" };
  }
  if (next.kind === "hold") {
    return { ...state, step, stepTick: tick, phase: "waiting", why: "" };
  }
  const phase = next.percent >= 100 ? "promoted" : "progressing";
  return { ...state, step, stepTick: tick, phase, percent: next.percent, why: "" };
}

function back({ onWorse }: Rollout, state: RolloutState, tick: number): RolloutState {
  const lockedUntilTick = tick + onWorse.lockSeconds;
  return { ...state, phase: "rolled back", percent: 0, stepTick: tick, why: "", lockedUntilTick };
}

function startText({ canary, service }: Rollout, { percent }: RolloutState): string {
  return `${canary} of ${service} begins with ${percent} % of the requests.`;
}

function told(
  rollout: Rollout,
  verdict: string,
  because: string,
  found?: Verdict,
  guards: readonly GuardVerdict[] = [],
): News {
  return {
    kind: "decision",
    subject: { kind: "Rollout", name: rollout.name },
    body: {
      verdict,
      because: [because],
      ...(found !== undefined && { seen: seenOf(found), flip: found.flip }),
      ...(guards.length > 0 && { guards }),
      wayBack: `${rollout.service} at the weights of its document: ${rollout.stable} 100, ${rollout.canary} 0`,
    },
  };
}

function seenOf({ counts, signals, phi }: Verdict): Seen[] {
  const { canary, stable } = counts;
  return [
    { what: "canary: errors of requests", value: `${canary.errors} of ${canary.requests}` },
    { what: "stable: errors of requests", value: `${stable.errors} of ${stable.requests}` },
    ...signals.map(({ name, eWorse, limit }) => ({
      what: `evidence that ${name} is worse`,
      value: eWorse,
      threshold: `rolls back at ${Number(limit.toPrecision(4))}`,
    })),
    ...(phi > 1 ? [{ what: "burstiness taken off the evidence", value: phi }] : []),
  ];
}
