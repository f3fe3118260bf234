import type { Policy } from "../../policy/intent/policy.ts";
import { type Breaker, FAILURES, OPEN_SECONDS } from "../engine/breaker.ts";
import type { EngineState } from "../engine/state.ts";
import type { Breach } from "./alert.ts";

/**
 * Breakers that opened: automation has stopped, or one Policy, and somebody has to look. Half open is still to be looked at; the
 * alert ends when the breaker closes.
 */
export function breakerBreaches(
  policies: readonly Policy[],
  state: Pick<EngineState, "breaker" | "policies">,
): readonly Breach[] {
  const all = breach(state.breaker, {
    key: "breaker/all",
    title: "All automation rests",
    targets: [],
  });
  const each = policies.flatMap(({ name, owner, scope: { service }, mode }) => {
    const breaker = mode === "off" ? undefined : state.policies[name]?.breaker;
    if (breaker === undefined) return [];
    const title = `Policy ${name} rests`;
    const about = { key: `breaker/policy/${name}`, title, targets: [owner], policy: name };
    return breach(breaker, { ...about, ...(service !== undefined && { service }) });
  });
  return [...all, ...each];
}

function breach(
  { open, last }: Breaker,
  about: Pick<Breach, "key" | "title" | "targets" | "policy" | "service">,
): readonly Breach[] {
  if (open === undefined) return [];
  return [
    {
      ...about,
      severity: "page",
      title: `${about.title}, its breaker is open: ${open.why}`,
      value: last.filter(({ failed }) => failed).length,
      threshold: FAILURES,
      windowSeconds: OPEN_SECONDS,
      sinceTick: open.sinceTick,
      causes: [],
    },
  ];
}
