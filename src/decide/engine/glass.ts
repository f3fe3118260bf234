import type { News } from "./news.ts";
import type { Order } from "./order.ts";
import type { OverrideState } from "./state.ts";

/**
 * Breaking the glass: an Override that yields to absolute Guardrails only, and goes before any other on its knob. It waits until two
 * different people agreed to it who were shown to be who they are, within 15 minutes; its time begins then, and its owner is paged.
 */
export interface Glass {
  /** Oldest first, each once. */
  readonly agreed: readonly string[];
  readonly ttlSeconds: number;
  readonly isBroken: boolean;
}

const NEED = 2;
export const PATIENCE_SECONDS = 900;

/** Whom a certificate or the token of an identity provider names. This machine's token and those of programs name no person. */
export function isPerson({ by, roles }: Pick<Order, "by" | "roles">): boolean {
  return roles.length > 0 && by !== "local";
}

/** Why a vote on what waits does not count; undefined: it does. */
export function whyIdle({ glass }: OverrideState, order: Order): string | undefined {
  if (order.what.kind === "reject") return undefined;
  const { by } = order;
  if (!isPerson(order)) return `${by} names no person`;
  return glass?.agreed.includes(by) === true ? `${by} has agreed to it already` : undefined;
}

export interface GlassTurn {
  readonly override: OverrideState;
  readonly news: readonly News[];
}

/** What people said of one that waits. `orders`: of this tick, all; `isNew`: it was asked for in this tick. */
export function stepGlass(
  asked: OverrideState,
  orders: readonly Order[],
  { tick, isNew }: { readonly tick: number; readonly isNew: boolean },
): GlassTurn {
  const { id, glass } = asked;
  if (glass === undefined || glass.isBroken || tick >= asked.untilTick)
    return { override: asked, news: [] };
  const votes = orders.filter(({ what }) => "decision" in what && what.decision === id);
  const voted = votes.map((vote) => told(asked, `${vote.what.kind} by ${vote.by}`, vote));
  const refusal = votes.find(({ what }) => what.kind === "reject");
  // Used up: what is written stays written, and would ask again.
  if (refusal !== undefined) return { override: { ...asked, untilTick: tick }, news: voted };
  const yes = votes.filter((vote) => whyIdle(asked, vote) === undefined).map(({ by }) => by);
  const agreed = [...new Set([...glass.agreed, ...yes])];
  const isBroken = agreed.length >= NEED;
  const ask = isNew && !isBroken ? [told(asked, "ask")] : [];
  const override = {
    ...asked,
    ...(isBroken && { sinceTick: tick, untilTick: tick + glass.ttlSeconds }),
    glass: { ...glass, agreed, isBroken },
  };
  return {
    override,
    news: [...ask, ...voted, ...(isBroken ? [told(override, "break glass")] : [])],
  };
}

function told(override: OverrideState, verdict: string, vote?: Order): News {
  const { id, by, knob, value, reason, glass } = override;
  const what = `${knob} at ${value}`;
  const idle = vote && whyIdle(override, vote);
  const sentences: Readonly<Record<string, string>> = {
    ask: `${by} asks to break the glass for ${what}: ${reason}. It waits ${PATIENCE_SECONDS / 60} min for ${NEED} people.`,
    "break glass": `${glass?.agreed.join(" and ")} agreed: ${what} is held for ${glass?.ttlSeconds} s, and only absolute Guardrails go before it: ${reason}.`,
  };
  const said = vote?.reason === undefined ? "" : `: ${vote.reason}`;
  const answer = `${vote?.by} ${vote?.what.kind === "reject" ? "refused" : "agreed to"} ${what}${said}.`;
  return {
    kind: vote === undefined ? "override" : "approval",
    subject: { kind: "Override", name: id.split("/")[1] ?? id },
    actor: vote?.by ?? by,
    body: {
      verdict,
      because: [
        sentences[verdict] ?? answer,
        ...(idle === undefined ? [] : [`It does not count: ${idle}.`]),
      ],
    },
  };
}
