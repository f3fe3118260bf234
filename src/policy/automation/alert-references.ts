/** Alerts reach somebody: their parts are there, an SLO sets them off, and an Adapter takes them. */
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import { didYouMean } from "../nearest.ts";
import type { Path } from "../path.ts";
import type { Referents } from "./referents.ts";
import { alertPoliciesOf } from "./slo.ts";

export function checkAlertReferences(referents: Referents): void {
  const { AlertPolicy, SLO } = referents.drafts;
  const used = new Set(SLO.flatMap(({ spec }) => alertPoliciesOf(spec)));
  const isUseLost = SLO.some((slo) => slo.hasLost(["alertPolicies"]));
  for (const draft of AlertPolicy) {
    const { conditions, notificationTargets } = draft.spec;
    for (const [index, { conditionRef: name }] of conditions.entries()) {
      const path = ["conditions", index, "conditionRef"];
      referents.checkName(draft, "AlertCondition", { name, path });
    }
    for (const [index, { targetRef: name }] of notificationTargets.entries()) {
      const path = ["notificationTargets", index, "targetRef"];
      referents.checkName(draft, "AlertNotificationTarget", { name, path });
    }
    if (used.has(draft.name) || isUseLost) continue;
    const message = "no SLO names it under alertPolicies, so it tells nobody";
    draft.wrongOutside("QM0906", ["metadata", "name"], message);
  }
}

/** A name that nobody takes is seen at the desk, not at night. Without any Adapter for alerts people look for themselves. */
export function checkTaker(
  draft: Draft<unknown>,
  { who, path }: { who: string | undefined; path: Path },
  { Adapter }: Drafts,
): void {
  const takers = Adapter.filter(({ spec }) =>
    ["alertmanager", "webhook"].includes(spec.type ?? ""),
  );
  if (who === undefined || takers.length === 0) return;
  if (takers.some(({ spec }) => spec.for === undefined || spec.for.includes(who))) return;
  const taken = takers.flatMap(({ spec }) => spec.for ?? []);
  const hint = didYouMean(who, taken);
  const message = `no Adapter that takes alerts is for ${who}, so nobody outside is told${hint}`;
  draft.wrong("QM0912", path, message);
}
