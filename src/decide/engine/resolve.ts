import type { Evidence } from "../../evidence/evidence.ts";
import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";

/** `$signal.NAME` in an action stands for a label of the signal that its Policy's condition rests on. */
const PLACE = /\$signal\.([A-Za-z0-9_-]+)/g;

/** The action as it would be taken; undefined: a label it needs is not there. */
export function resolveLabels(
  action: PolicyAction,
  { when }: Policy,
  evidence: Evidence,
): PolicyAction | undefined {
  const text = JSON.stringify(action);
  if (!text.includes("$signal.")) return action;
  const labels = labelsOf(when.reads, evidence);
  let isWhole = true;
  const resolved = text.replaceAll(PLACE, (_, name: string) => {
    const value = labels[name];
    if (value === undefined) isWhole = false;
    return JSON.stringify(value ?? "").slice(1, -1);
  });
  return isWhole ? (JSON.parse(resolved) as PolicyAction) : undefined;
}

/** Of the signals a condition reads, the first by name wins where two have the same label. */
export function labelsOf(
  reads: readonly string[],
  evidence: Evidence,
): Readonly<Record<string, string>> {
  const names = [...new Set(reads.map((read) => read.slice(read.indexOf(":") + 1)))].sort();
  return Object.assign(
    {},
    ...names.toReversed().map((name) => evidence.signal(name)?.labels ?? {}),
  ) as Record<string, string>;
}
