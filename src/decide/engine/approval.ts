import type { Policy } from "../../policy/automation.ts";
import type { Expression } from "../../policy/expression.ts";
import type { Checked } from "./condition.ts";
import type { Order } from "./order.ts";
import type { Pending, PolicyState } from "./policy-state.ts";

/** Whether the people whom a Policy asks have said yes. A name in a document is a claim; only an order counts. */
export type Asked =
  | { readonly kind: "yes" }
  | { readonly kind: "no"; readonly why: string }
  | { readonly kind: "wait"; readonly why: string; readonly pending: Pending };

export function approvedEnough(
  policy: Policy,
  state: PolicyState,
  rank: number,
  at: {
    readonly tick: number;
    readonly orders: readonly Order[];
    readonly check: (condition: Expression) => Checked;
  },
): Asked {
  const { approval } = policy;
  if (approval === undefined) return { kind: "yes" };
  if (approval.onlyIf !== undefined && at.check(approval.onlyIf).value === false)
    return { kind: "yes" };
  const pending =
    state.pending?.rank === rank
      ? state.pending
      : { decision: "", rank, sinceTick: at.tick, approvedBy: [] };
  const votes = at.orders.filter(
    ({ what }) => "decision" in what && what.decision === pending.decision,
  );
  const no = votes.find(({ what }) => what.kind === "reject");
  if (no !== undefined) return { kind: "no", why: `${no.by} refused it` };
  const yes = votes
    .filter(
      ({ what, by, roles }) =>
        what.kind === "approve" && [by, ...roles].some((who) => approval.from.includes(who)),
    )
    .map(({ by }) => by);
  const approvedBy = [...new Set([...pending.approvedBy, ...yes])].sort();
  if (approvedBy.length >= approval.need) return { kind: "yes" };
  if (at.tick - pending.sinceTick < approval.withinSeconds) {
    const why = `waits for ${approval.need} of ${approval.from.join(", ")} to approve it`;
    return { kind: "wait", why, pending: { ...pending, approvedBy } };
  }
  if (approval.else === "apply") return { kind: "yes" };
  return { kind: "no", why: `nobody approved it within ${approval.withinSeconds} s` };
}
