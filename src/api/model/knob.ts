import { knobFault, toKnob } from "../../policy/automation/override.ts";
import type { PolicySet } from "../../policy/policy-set.ts";

/**
 * Why an override would hold nothing: a knob that does not exist, or a value that is none of it. Undefined: it turns. Whoever
 * types `rateLimit.chekout.factor` at night must not be told that it is done.
 */
export function whyNoKnob(
  { knob, value }: { readonly knob: string; readonly value: number | string },
  { rateLimits, policies, rollouts }: PolicySet,
): string | undefined {
  const service = /^canary\.weight@(.+)$/.exec(knob)?.[1];
  const path = service === undefined ? knob : "canary.weight";
  const fault = knobFault(path, { value, hasService: service !== undefined });
  if (fault !== undefined) return `${knob}: ${fault}`;
  if (service !== undefined) {
    const isRolled = rollouts.some((each) => each.service === service);
    return isRolled ? undefined : `there is no Rollout of Service ${service}`;
  }
  const found = toKnob(path);
  if (found === undefined || found.kind === "canary") return undefined;
  const documents = found.kind === "policy" ? policies : rateLimits;
  if (documents.some(({ name }) => name === found.name)) return undefined;
  return `there is no ${found.kind === "policy" ? "Policy" : "RateLimit"} ${found.name}`;
}
