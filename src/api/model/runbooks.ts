import type { Run } from "../../decide/runbook/run.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { ApprovalView } from "../view/operation.ts";
import { timeOf } from "./decisions.ts";

/** Steps of Runbooks that wait for people. */
export function runApprovals({ runbooks }: PolicySet, runs: readonly Run[]): ApprovalView[] {
  return runs.flatMap(({ id, runbook, policy, state, step, stepTick, approvedBy }) => {
    const found = runbooks.find(({ name }) => name === runbook)?.steps[step];
    if (state !== "waiting" || found?.approval === undefined) return [];
    const { need, from, withinSeconds } = found.approval;
    return [
      {
        decision: id,
        policy,
        text: `run ${runbook}, step ${step + 1}: ${found.adapter} ${found.path}`,
        need,
        from: [...from],
        approvedBy: [...approvedBy],
        since: timeOf(stepTick),
        until: timeOf(stepTick + withinSeconds),
        else: "deny" as const,
      },
    ];
  });
}
