import type { Rollout } from "../../policy/intent/rollout.ts";
import type { GuardVerdict, Seen } from "../record.ts";
import type { Verdict } from "../stats/canary.ts";
import type { News } from "./news.ts";
import type { RolloutState } from "./rollout-state.ts";

/** What a rollout tells of itself. */
export function startText({ canary, service }: Rollout, { percent }: RolloutState): string {
  return `${canary} of ${service} begins with ${percent} % of the requests.`;
}

export function told(
  rollout: Rollout,
  verdict: string,
  because: string,
  found?: Verdict,
  guards: readonly GuardVerdict[] = [],
): News {
  return {
    kind: "decision",
    subject: { kind: "Rollout", name: rollout.name },
    body: {
      verdict,
      because: [because],
      ...(found !== undefined && { seen: seenOf(found), flip: found.flip }),
      ...(guards.length > 0 && { guards }),
      wayBack: `${rollout.service} at the weights of its document: ${rollout.stable} 100, ${rollout.canary} 0`,
    },
  };
}

function seenOf({ counts, signals, phi }: Verdict): Seen[] {
  const { canary, stable } = counts;
  return [
    { what: "canary: errors of requests", value: `${canary.errors} of ${canary.requests}` },
    { what: "stable: errors of requests", value: `${stable.errors} of ${stable.requests}` },
    ...signals.map(({ name, eWorse, limit }) => ({
      what: `evidence that ${name} is worse`,
      value: eWorse,
      threshold: `rolls back at ${Number(limit.toPrecision(4))}`,
    })),
    ...(phi > 1 ? [{ what: "burstiness taken off the evidence", value: phi }] : []),
  ];
}
