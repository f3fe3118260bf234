import { digestOf } from "../../policy/digest.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { News } from "./news.ts";
import type { Order } from "./order.ts";
import type { EngineState } from "./state.ts";

/**
 * From shadow to enforce by an order (its report was looked at before it was given): the Policy acts until its document
 * changes, when what the document says holds again.
 */
export function stepPromotions(
  before: EngineState["promoted"],
  { policies }: PolicySet,
  orders: readonly Order[],
  tick: number,
): { readonly promoted: EngineState["promoted"]; readonly news: readonly News[] } {
  const kept = Object.entries(before).filter(([name, { key }]) =>
    policies.some((policy) => policy.name === name && keyOf(policy) === key),
  );
  const asked = orders.flatMap(({ what, by }) => {
    const policy =
      what.kind === "promotePolicy" && policies.find(({ name }) => name === what.policy);
    return policy && policy.mode === "shadow" ? [{ policy, by }] : [];
  });
  const added = asked.map(({ policy, by }): [string, EngineState["promoted"][string]] => [
    policy.name,
    { key: keyOf(policy), by, sinceTick: tick },
  ]);
  return {
    promoted: Object.fromEntries([...kept, ...added]),
    news: asked.map(({ policy: { name }, by }) => ({
      kind: "decision",
      subject: { kind: "Policy", name },
      actor: by,
      body: {
        verdict: "promote",
        because: [
          `${by} let it act: what it did in shadow was within bounds. Its document still says shadow.`,
        ],
        wayBack: "any change of its document, such as `mode: off`",
      },
    })),
  };
}

/** Undefined: as written. */
export function promotedMode(
  policy: Policy,
  { promoted }: EngineState,
): Policy["mode"] | undefined {
  const isPromoted = policy.mode === "shadow" && promoted[policy.name]?.key === keyOf(policy);
  return isPromoted ? "enforce" : undefined;
}

function keyOf(policy: Policy): string {
  return digestOf(policy).slice(0, 16);
}
