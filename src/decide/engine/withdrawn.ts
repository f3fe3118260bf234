import type { PolicySet } from "../../policy/policy-set.ts";
import type { News } from "./news.ts";
import type { EngineState } from "./state.ts";

/** What a document did ends with it. */
export function withdrawnNews(
  before: EngineState,
  { policies, rollouts }: PolicySet,
): readonly News[] {
  const names = new Set(policies.map(({ name }) => name));
  const acted = Object.entries(before.policies).flatMap(([name, { active }]) =>
    names.has(name) || active === undefined ? [] : [{ kind: "Policy" as const, name, active }],
  );
  const rolled = Object.keys(before.rollouts).filter(
    (name) => !rollouts.some((each) => each.name === name),
  );
  const body = (what: string) => ({
    verdict: "withdraw",
    because: [`The document of ${what} is gone, and with it what it did.`],
  });
  return [
    ...acted.map(
      ({ kind, name, active }): News => ({
        kind: "outcome",
        subject: { kind, name },
        body: { ...body(name), causes: [active.decision] },
      }),
    ),
    ...rolled.map(
      (name): News => ({
        kind: "outcome",
        subject: { kind: "Rollout", name },
        body: body(name),
      }),
    ),
  ];
}
