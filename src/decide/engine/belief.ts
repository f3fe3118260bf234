import type { Policy } from "../../policy/intent/policy.ts";
import {
  type Belief,
  believe,
  CAP,
  HYPOTHESES,
  type Hypothesis,
  PRIOR,
} from "../stats/hypotheses.ts";
import type { Ground } from "./conditions.ts";
import { meantBy } from "./cures.ts";
import { featuresOf, suspectsOf } from "./features.ts";
import type { Problem } from "./problem.ts";

/**
 * What is behind the trouble of a Policy, if there is any: `fine` is what is left of the posterior of what it verifies, the
 * rest is shared by the features of its services. What is not there cannot be at fault; what the actions of the Policy
 * cure counts e^4 times as much beforehand, as its author had that in mind.
 */
export function beliefOf(
  { then }: Policy,
  { chance }: Problem,
  services: readonly string[],
  ground: Ground,
): Belief {
  const meant = meantBy(then);
  const suspects = services.map((service) => suspectsOf(service, ground));
  const features = services.map((service) => featuresOf(service, ground));
  const prior = byHypothesis((each) => {
    if (each === "fine") return 0;
    if (each === "canary fault" && !suspects.some(({ canary }) => canary)) return 0;
    if (each === "locality fault" && !suspects.some(({ locality }) => locality)) return 0;
    return PRIOR[each] * (meant.has(each) ? Math.exp(CAP) : 1);
  });
  const most = (name: keyof (typeof features)[number]) =>
    Math.max(0, ...features.map((each) => each[name] ?? 0));
  const behind = believe(
    {
      canaryWorse: most("canaryWorse"),
      allAlike: most("allAlike"),
      oneLocality: most("oneLocality"),
      oneCaller: most("oneCaller"),
      telemetryOff: most("telemetryOff"),
    },
    prior,
  );
  return byHypothesis((each) => (each === "fine" ? 1 - chance : chance * behind[each]));
}

export function byHypothesis(of: (hypothesis: Hypothesis) => number): Belief {
  return Object.fromEntries(HYPOTHESES.map((each) => [each, of(each)])) as unknown as Belief;
}
