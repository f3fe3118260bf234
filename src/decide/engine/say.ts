import type { Policy } from "../../policy/intent/policy.ts";
import type { RecordBody } from "../record.ts";
import type { Checked } from "./condition.ts";
import type { News } from "./news.ts";
import type { PolicyState } from "./policy-state.ts";
import type { PolicyTurn } from "./policy-tick.ts";

/** The same thing twice is told once. */
export function say(
  policy: Policy,
  state: PolicyState,
  verdict: string,
  why: string,
  checked: Checked,
  more: Partial<RecordBody> = {},
): PolicyTurn {
  const said = `${verdict} ${why.replace(/[\d.]+/g, "")}`;
  if (said === state.said) return { state, news: [], moved: [] };
  const news: News = {
    kind: "decision",
    subject: { kind: "Policy", name: policy.name },
    body: {
      verdict,
      because: [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`],
      seen: checked.seen,
      ...more,
    },
  };
  return { state: { ...state, said }, news: [news], moved: [] };
}
