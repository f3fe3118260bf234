/** What a document of ours is about: one Service, one Gateway or one HTTPRoute, by name. */
import { z } from "zod";
import type { Draft } from "./draft.ts";
import { fields } from "./fields.ts";
import type { Target } from "./intent/target.ts";

const name = z.string().min(1).exactOptional();

export const targetSpec = fields({ service: name, gateway: name, route: name }).default({});

interface WithTarget {
  readonly target: z.output<typeof targetSpec>;
}

const TARGETS = ["service", "gateway", "route"] as const;

export function checkTarget(draft: Draft<WithTarget>): void {
  const { target } = draft.spec;
  const named = TARGETS.filter((kind) => target[kind] !== undefined);
  if (named.length === 0)
    draft.lacks("QM0007", ["target"], `missing; name one of ${TARGETS.join(", ")}`);
  if (named.length > 1)
    draft.wrong("QM0115", ["target"], `${named.join(" and ")} are both there; keep one`);
}

export function targetOf({ target }: WithTarget): Target | undefined {
  for (const kind of TARGETS) {
    const name = target[kind];
    if (name !== undefined) return { kind, name };
  }
  return undefined;
}
