/** Conditions that never hold or always do, and alerts no burn can reach: a burn goes up to 1/(1 - target), when all requests are bad. */

import { reachOf, type Settled } from "../cel/reach.ts";
import type { Tree } from "../cel/tree.ts";
import { printSpan } from "../span.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";
import { alertPoliciesOf, targetOf } from "./slo.ts";
import { writtenConditions } from "./written-conditions.ts";

export function checkConditionReach(drafts: AutomationDrafts): void {
  const highest = highestBurns(drafts);
  const slices = sliceSeconds(drafts);
  for (const { draft, path, program } of writtenConditions(drafts)) {
    const most = (name: string, [slo, window]: readonly unknown[]) => {
      const slice = slices.get(String(slo)) ?? 0;
      const seconds = typeof window === "number" ? window : slice;
      if (["burn", "pBurn"].includes(name) && seconds < slice) {
        const message = `asks for ${printSpan(seconds)} of ${slo}, and its slices last ${printSpan(slice)}, so it is never known`;
        draft.wrong("QM0224", path, message);
      }
      return name === "burn" ? highest.get(String(slo)) : undefined;
    };
    const { canHold, canFail, settled } = reachOf(program.tree, { most });
    if (canHold && canFail) {
      for (const each of settled) draft.wrong("QM0907", path, sentence(each));
    } else {
      const whole = canHold ? "always holds" : "never holds";
      const reason = settled.find(({ holds }) => holds === canHold);
      draft.wrong("QM0224", path, `${whole}${because(reason, serializedText(program.tree))}`);
    }
  }
  checkAlertReach(drafts, highest, slices);
}

/** The part that settles the whole, unless it is the whole. */
function because(reason: Settled | undefined, whole: string | undefined): string {
  if (reason?.why === undefined) return "";
  return reason.text === whole ? `, since ${reason.why}` : `: ${sentence(reason)}`;
}

function serializedText(tree: Tree): string | undefined {
  return "text" in tree ? tree.text : undefined;
}

function sentence({ text, holds, why }: Settled): string {
  const what = `${text} ${holds ? "always" : "never"} holds`;
  return why === undefined ? what : `${what}, since ${why}`;
}

/** By name of the SLO. */
function highestBurns({ SLO }: AutomationDrafts): ReadonlyMap<string, number> {
  return new Map(
    SLO.flatMap(({ name, spec }) => {
      const target = targetOf(spec);
      return target === undefined ? [] : [[name, 1 / (1 - target)] as const];
    }),
  );
}

/** Of objectives by slices of time, by name. */
function sliceSeconds({ SLO }: AutomationDrafts): ReadonlyMap<string, number> {
  return new Map(
    SLO.flatMap(({ name, spec }) => {
      const window = spec.objectives[0]?.timeSliceWindow;
      return spec.budgetingMethod === "Timeslices" && window ? [[name, window] as const] : [];
    }),
  );
}

function checkAlertReach(
  drafts: AutomationDrafts,
  highest: ReadonlyMap<string, number>,
  slices: ReadonlyMap<string, number>,
): void {
  for (const slo of drafts.SLO) {
    const most = highest.get(slo.name) ?? Number.POSITIVE_INFINITY;
    for (const [index, name] of alertPoliciesOf(slo.spec).entries()) {
      const policy = drafts.AlertPolicy.find((draft) => draft.name === name);
      const condition = drafts.AlertCondition.find(
        (draft) => draft.name === policy?.spec.conditions[0]?.conditionRef,
      );
      const { threshold = 0, lookbackWindow } = condition?.spec.condition ?? {};
      const slice = slices.get(slo.name) ?? 0;
      if (lookbackWindow !== undefined && lookbackWindow < slice) {
        const short = `AlertCondition ${condition?.name} looks back ${printSpan(lookbackWindow)}, and the slices of this one last ${printSpan(slice)}`;
        slo.wrong("QM0224", ["alertPolicies", index], short);
      }
      if (threshold <= most) continue;
      const message = `AlertCondition ${condition?.name} waits for a burn of ${threshold}, and this one goes up to ${Number(most.toPrecision(12))}`;
      slo.wrong("QM0224", ["alertPolicies", index], message);
    }
  }
}
