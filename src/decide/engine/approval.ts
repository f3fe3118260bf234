import type { Expression } from "../../policy/expression.ts";
import type { Approval, Policy } from "../../policy/intent/policy.ts";
import type { Checked } from "./condition.ts";
import type { Locals } from "./conditions.ts";
import type { News } from "./news.ts";
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
    readonly check: (condition: Expression, locals?: Locals) => Checked;
  },
  affected: number | undefined,
): Asked {
  const { approval } = policy;
  if (approval === undefined) return { kind: "yes" };
  const locals: Locals = affected === undefined ? {} : { "affected.share": affected };
  if (approval.onlyIf !== undefined && at.check(approval.onlyIf, locals).value === false)
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
    .filter((vote) => vote.what.kind === "approve" && counts(vote, approval))
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

function counts({ by, roles }: Order, { from }: Approval): boolean {
  return [by, ...roles].some((who) => from.includes(who));
}

/** Who said yes or no to what, also where it does not count; written down whatever comes of it. */
export function voteNews(
  policies: readonly Policy[],
  before: Readonly<Record<string, PolicyState>>,
  orders: readonly Order[],
): readonly News[] {
  return orders.flatMap((order): readonly News[] => {
    const { what, by, reason } = order;
    if (what.kind !== "approve" && what.kind !== "reject") return [];
    const { decision } = what;
    const asked = policies.find(({ name }) => before[name]?.pending?.decision === decision);
    if (asked?.approval === undefined) return [];
    const { name, approval } = asked;
    const said = what.kind === "approve" ? "approved" : "refused";
    const isIdle = what.kind === "approve" && !counts(order, approval);
    const because = [
      `${by} ${said} what ${name} asked for${reason === undefined ? "" : `: ${reason}`}.`,
      ...(isIdle ? [`It does not count: ${approval.from.join(", ")} may approve it.`] : []),
    ];
    return [
      {
        kind: "approval",
        subject: { kind: "Policy", name },
        actor: by,
        // One second may hold the votes of several.
        body: { verdict: `${what.kind} by ${by}`, because, causes: [decision] },
      },
    ];
  });
}
