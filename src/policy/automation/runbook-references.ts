import type { Draft } from "../draft.ts";
import { didYouMean } from "../nearest.ts";
import type { Referents } from "./referents.ts";
import type { RunbookSpec } from "./runbook.ts";

export function checkRunbookReferences(draft: Draft<RunbookSpec>, referents: Referents): void {
  if (referents.areSignalsLost()) return;
  const hooks = referents.drafts.Adapter.filter(({ spec }) => spec.type === "webhook");
  const names = hooks.map(({ name }) => name);
  for (const [index, { webhook }] of draft.spec.steps.entries()) {
    if (webhook === undefined || names.includes(webhook.adapter)) continue;
    const hint = didYouMean(webhook.adapter, names);
    const message = `there is no Adapter ${webhook.adapter} of type webhook${hint}`;
    draft.wrong("QM0217", ["steps", index, "webhook", "adapter"], message);
  }
}
