import type { News } from "./news.ts";
import type { Order } from "./order.ts";
import type { EngineState } from "./state.ts";

/** All automation stopped by hand, and let go again. */
export function stepFreeze(before: EngineState, orders: readonly Order[], tick: number) {
  return orders.reduce(
    (
      now: { readonly state: EngineState["frozen"]; readonly news: readonly News[] },
      { what, by, reason = "no reason given" },
    ) => {
      if (what.kind !== "freeze" && what.kind !== "unfreeze") return now;
      const isFreeze = what.kind === "freeze";
      if (isFreeze === (now.state !== undefined)) return now;
      const because = isFreeze
        ? `${by} stopped all automation: ${reason}. What is in force stays.`
        : `${by} let automation act again: ${reason}.`;
      const news: News = {
        kind: "freeze",
        subject: { kind: "Engine", name: "automation" },
        actor: by,
        body: { verdict: what.kind, because: [because] },
      };
      return {
        state: isFreeze ? { by, reason, sinceTick: tick } : undefined,
        news: [...now.news, news],
      };
    },
    { state: before.frozen, news: [] },
  );
}
