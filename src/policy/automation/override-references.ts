import type { Draft } from "../draft.ts";
import { type OverrideSpec, toKnob } from "./override.ts";
import type { Referents } from "./referents.ts";

/** The knobs an Override sets are of documents that are there. */
export function checkOverrideReferences(draft: Draft<OverrideSpec>, referents: Referents): void {
  for (const written of Object.keys(draft.spec.set)) {
    const knob = toKnob(written);
    const path = ["set", written];
    if (knob?.kind === "rateLimit") {
      referents.checkName(draft, "RateLimit", { name: knob.name, path });
    } else if (knob?.kind === "policy") {
      referents.checkName(draft, "Policy", { name: knob.name, path });
      checkMode(draft, { policy: knob.name, written }, referents);
    } else if (knob?.kind === "canary") checkRolled(draft, written, referents);
  }
}

function checkMode(
  draft: Draft<OverrideSpec>,
  { policy: name, written }: { policy: string; written: string },
  { drafts }: Referents,
): void {
  const policy = drafts.Policy.find((each) => each.name === name);
  if (policy === undefined || policy.isDamaged(["canary"])) return;
  if (draft.spec.set[written] === "canary" && policy.spec.canary === undefined) {
    draft.wrong("QM0012", ["set", written], `Policy ${name} says no canary: {nodes, for}`);
  }
}

function checkRolled(draft: Draft<OverrideSpec>, written: string, referents: Referents): void {
  const { service } = draft.spec.scope;
  const isRolled = referents.drafts.Rollout.some(({ spec }) => spec.service === service);
  if (isRolled || service === undefined || referents.isAnyLost("Rollout")) return;
  draft.wrong("QM0217", ["set", written], `there is no Rollout of Service ${service}`);
}
