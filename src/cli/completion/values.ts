import { CONFIG_TYPES } from "../../api/view/config.ts";
import { MEASURES } from "../../api/view/report.ts";
import { KINDS } from "../get-columns.ts";

/**
 * What an argument or the value of an option may be: words, names that a running control plane is asked for at that moment
 * (`qmesh __names KIND`), or a file, which every shell completes by itself.
 */
export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "names"; readonly of: string }
  | { readonly kind: "file" };

/** By the words of a verb, and the place of an argument (`explain 0`) or a long option. */
const NAMED: Readonly<Record<string, string>> = {
  // Of the kind that was written before it.
  "get 1": "kind",
  "config 0": "nodes",
  "tap --node": "nodes",
  "tap --service": "services",
  "readiness 0": "services",
  "bootstrap --service": "services",
  "certs node --service": "services",
  "explain 0": "decisions",
  "incident 0": "decisions",
  "postmortem 0": "decisions",
  "decisions --subject": "subjects",
  "actions 0": "actions",
  "actions show 0": "actions",
  "alerts label 0": "alerts",
  "approve 0": "approvals",
  "reject 0": "approvals",
  "rollout get 0": "rollouts",
  "rollout status 0": "rollouts",
  "rollout promote 0": "rollouts",
  "rollout abort 0": "rollouts",
  "rollout pause 0": "rollouts",
  "rollout resume 0": "rollouts",
  "rollout retry 0": "rollouts",
  "policies promote 0": "policies",
  "policies rollback 0": "intents",
};

/** Of arguments that take more than these, or say in their own words what is wrong. */
const WORDED: Readonly<Record<string, readonly string[]>> = {
  "get 0": Object.keys(KINDS),
  "config 1": CONFIG_TYPES,
  "report 0": MEASURES,
};

export function valuesOf(place: string, choices: readonly string[] | undefined): Values {
  const words = choices ?? WORDED[place];
  if (words !== undefined) return { kind: "words", words };
  const of = NAMED[place];
  return of === undefined ? { kind: "file" } : { kind: "names", of };
}

/** Of both tables; a test sees that each is one of the program. */
export const PLACES = [...Object.keys(NAMED), ...Object.keys(WORDED)];
