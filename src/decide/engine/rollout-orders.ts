import type { Rollout } from "../../policy/intent/rollout.ts";
import type { Order } from "./order.ts";
import { told } from "./rollout-news.ts";
import {
  back,
  begin,
  enter,
  type RolloutPhase,
  type RolloutState,
  type RolloutTick,
  type RolloutTurn,
} from "./rollout-state.ts";

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

/** Why a person may not tell it that; undefined: it may. A step `hold: ROLE` is for that role, for one of that name, or for an admin. */
export function whyNotFollow(
  { steps }: Rollout,
  { phase, step }: Pick<RolloutState, "phase" | "step">,
  { what, by, roles }: Order,
): string | undefined {
  if (!mayFollow(what.kind, phase)) return `it is ${phase}, and cannot be told to ${what.kind}`;
  const now = steps[step];
  if (what.kind !== "promote" || now?.kind !== "hold") return undefined;
  const isOne = [now.role, "admin"].some((role) => role === by || roles.includes(role));
  return isOne ? undefined : `it waits for someone of role ${now.role}, which ${by} is not`;
}

/** What a person said goes before what the evidence says. */
export function follow(
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
  if (whyNotFollow(rollout, state, order) !== undefined) return { state, news };
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
