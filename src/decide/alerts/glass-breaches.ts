import type { PolicySet } from "../../policy/policy-set.ts";
import type { OverrideState } from "../engine/state.ts";
import type { Breach } from "./alert.ts";

/** While the glass is broken whoever owns the knob is paged. `held`: overrides that hold. */
export function glassBreaches(
  held: readonly OverrideState[],
  policySet: PolicySet,
): readonly Breach[] {
  return held.flatMap(({ id, knob, value, reason, glass, sinceTick }): readonly Breach[] => {
    if (glass === undefined) return [];
    const { service, owner } = ownerOf(knob, policySet);
    return [
      {
        key: `glass/${id}`,
        severity: "page",
        title: `${glass.agreed.join(" and ")} broke the glass: ${knob} is held at ${value}: ${reason}`,
        ...(service !== undefined && { service }),
        targets: owner === undefined ? [] : [owner],
        value: glass.agreed.length,
        threshold: glass.agreed.length,
        windowSeconds: glass.ttlSeconds,
        sinceTick,
        causes: [],
      },
    ];
  });
}

interface Owned {
  readonly owner?: string;
  readonly service?: string;
}

function ownerOf(knob: string, { policies, rateLimits, rollouts }: PolicySet): Owned {
  const policy = /^policy\.(.+)\.mode$/.exec(knob)?.[1];
  if (policy !== undefined) {
    const found = policies.find(({ name }) => name === policy);
    const { service } = found?.scope ?? {};
    return found === undefined
      ? {}
      : { owner: found.owner, ...(service !== undefined && { service }) };
  }
  const service = /^canary\.weight@(.+)$/.exec(knob)?.[1];
  const found =
    service === undefined
      ? rateLimits.find(({ name }) => knob === `rateLimit.${name}.factor`)
      : rollouts.find((each) => each.service === service);
  return {
    ...(found !== undefined && { owner: found.owner }),
    ...(service !== undefined && { service }),
  };
}
