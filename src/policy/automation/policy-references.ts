import type { Draft } from "../draft.ts";
import { checkActionReferences } from "./action-references.ts";
import { checkTaker } from "./alert-references.ts";
import type { PolicySpec } from "./policy.ts";
import type { Referents } from "./referents.ts";

export function checkPolicyReferences(draft: Draft<PolicySpec>, referents: Referents): void {
  const { then, guard, evidence } = draft.spec;
  for (const [index, action] of then.entries()) {
    checkActionReferences(draft, { action, path: ["then", index] }, referents);
    const { page, ticket } = action.notify ?? {};
    const path = ["then", index, "notify", page === undefined ? "ticket" : "page"];
    checkTaker(draft, { who: page ?? ticket, path }, referents.drafts);
  }
  for (const tier of Object.keys(guard.floor)) {
    referents.checkTier(draft, tier, ["guard", "floor", tier]);
  }
  referents.checkName(draft, "Runbook", { name: evidence?.run, path: ["evidence", "run"] });
  checkVerified(draft, referents);
}

/** What is verified is an SLO, of which a burn is asked, or else a signal. */
function checkVerified(draft: Draft<PolicySpec>, referents: Referents): void {
  const { verify } = draft.spec;
  if (verify === undefined) return;
  const { signal, improve } = verify;
  const fault = referents.absent("SLO", signal);
  if (fault !== undefined && typeof improve.below === "object") {
    draft.wrong("QM0217", ["verify", "signal"], `burn is of an SLO, and ${fault}`);
  } else if (fault !== undefined) {
    referents.checkSignal(draft, signal, ["verify", "signal"]);
  } else if (typeof improve.below === "number" && !referents.hasSignal(signal)) {
    const message = `${signal} is an SLO; write below: {burn: ${improve.below}}`;
    draft.wrong("QM0115", ["verify", "improve", "below"], message);
  }
}
