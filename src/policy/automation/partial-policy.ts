import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { ActionSpec } from "./action.ts";
import type { PolicySpec } from "./policy.ts";
import { tierOf } from "./slo.ts";

/** A Policy for some Envoys alone cannot do, nor verify, what the control plane counts or steps for all of them. */
export function checkPartialPolicy(draft: Draft<PolicySpec>, drafts: Drafts): void {
  const { mode, then, verify } = draft.spec;
  const partly = mode === "canary" ? "mode canary" : verify?.holdBack && "holdBack";
  if (!partly) return;
  for (const [index, action] of then.entries()) {
    const what = indivisible(action, drafts) ?? uncounted(verify?.signal, drafts);
    if (what === undefined) continue;
    const message = `${what}, so ${partly} cannot keep it to some Envoys`;
    draft.wrong("QM0140", ["then", index], message);
  }
}

function indivisible({ rateLimit, rollback }: ActionSpec, { RateLimit }: Drafts) {
  const limit = RateLimit.find(({ name }) => name === rateLimit?.name);
  if (limit?.spec.scope === "global") return `RateLimit ${limit.name} has one count for the mesh`;
  return rollback && "a rollback is of the whole Rollout";
}

function uncounted(signal: string | undefined, { SLO }: Drafts): string | undefined {
  const verified = SLO.find(({ name }) => name === signal);
  const tier = verified && tierOf(verified.spec);
  return tier && `${verified.name} is of tier ${tier}, which nobody counts by Envoy`;
}
