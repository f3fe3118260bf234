/** Every condition of a set that compiles, with the place where it is written. */
import { compile, type Program } from "../cel/compile.ts";
import type { ConditionPlace } from "../cel/language.ts";
import type { Draft } from "../draft.ts";
import type { Path } from "../path.ts";
import type { AutomationDrafts } from "./automation-drafts.ts";

export interface WrittenCondition {
  readonly draft: Draft<unknown>;
  readonly path: Path;
  readonly program: Program;
}

export function writtenConditions({ Policy, Guardrail }: AutomationDrafts): WrittenCondition[] {
  return [
    ...Policy.flatMap((draft) => {
      const { when, approval, verify } = draft.spec;
      return [
        ...compiled(draft, when, { path: ["when"], place: "when" }),
        ...compiled(draft, approval?.onlyIf, { path: ["approval", "onlyIf"], place: "approval" }),
        ...Object.entries(verify?.watch ?? {}).flatMap(([name, text]) =>
          compiled(draft, text, { path: ["verify", "watch", name], place: "watch" }),
        ),
      ];
    }),
    ...Guardrail.flatMap((draft) =>
      draft.spec.forbid.flatMap((text, index) =>
        compiled(draft, text, { path: ["forbid", index], place: "guardrail" }),
      ),
    ),
  ];
}

function compiled(
  draft: Draft<unknown>,
  text: string | undefined,
  { path, place }: { path: Path; place: ConditionPlace },
): WrittenCondition[] {
  const answer = text === undefined ? undefined : compile(text, place);
  return answer?.ok ? [{ draft, path, program: answer.program }] : [];
}
