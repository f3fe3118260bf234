/**
 * Documents of automation against each other: a Guardrail that forbids what a Policy or a Rollout is there to do, and Policies that
 * move one knob of one scope in opposite ways.
 */

import { compile } from "../cel/compile.ts";
import { reachOf } from "../cel/reach.ts";
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { Scope } from "../intent/scope.ts";
import type { Path } from "../path.ts";
import { toRps } from "../rate.ts";
import type { ActionSpec } from "./action.ts";
import type { GuardrailSpec } from "./guardrail.ts";
import type { PolicySpec } from "./policy.ts";
import type { RolloutSpec } from "./rollout.ts";
import { toScope } from "./scope.ts";

export function checkConflicts(drafts: Drafts): void {
  for (const guardrail of drafts.Guardrail) {
    for (const rollout of drafts.Rollout) checkSteps(rollout, guardrail, drafts);
    for (const policy of drafts.Policy) checkActions(policy, guardrail, drafts);
  }
  checkOpposed(drafts);
}

function checkSteps(
  rollout: Draft<RolloutSpec>,
  guardrail: Draft<GuardrailSpec>,
  drafts: Drafts,
): void {
  const { service, steps } = rollout.spec;
  const scope: Scope = { ...(service !== undefined && { service }), labels: {} };
  if (!overlap(toScope(guardrail.spec.scope), scope, drafts)) return;
  for (const [index, { weight }] of steps.entries()) {
    if (weight === undefined) continue;
    tellForbidden(rollout, { "canary.weight": weight }, { guardrail, path: ["steps", index] });
  }
}

function checkActions(
  policy: Draft<PolicySpec>,
  guardrail: Draft<GuardrailSpec>,
  drafts: Drafts,
): void {
  if (!overlap(toScope(guardrail.spec.scope), toScope(policy.spec.scope), drafts)) return;
  for (const [index, action] of policy.spec.then.entries()) {
    for (const outcome of outcomesOf(action)) {
      tellForbidden(policy, outcome, { guardrail, path: ["then", index] });
    }
  }
}

/** What is known of the mesh after an action, as the variables of Guardrails. */
function outcomesOf({ rollback, shed, rateLimit }: ActionSpec): Record<string, number | string>[] {
  if (rollback !== undefined) return [{ "canary.weight": 0 }];
  const tiers = [...Object.keys(shed?.tiers ?? {}), ...(rateLimit?.tiers ?? [])];
  return tiers.map((tier) => ({ "request.tier": tier }));
}

/** Tells if a condition of the Guardrail holds whatever else may be, though it does not hold always. */
function tellForbidden(
  draft: Draft<unknown>,
  variables: Readonly<Record<string, number | string>>,
  { guardrail, path }: { guardrail: Draft<GuardrailSpec>; path: Path },
): void {
  for (const text of guardrail.spec.forbid) {
    const compiled = compile(text, "guardrail");
    if (!compiled.ok || !reachOf(compiled.program.tree).canFail) continue;
    if (reachOf(compiled.program.tree, { variables }).canFail) continue;
    const message = `Guardrail ${guardrail.name} (${guardrail.place}) forbids it always: ${text}`;
    draft.wrong("QM0228", path, message);
  }
}

/** Whether something may be in both; labels are those of Services. */
function overlap(a: Scope, b: Scope, { Service }: Drafts): boolean {
  for (const part of ["service", "rateLimit", "tier"] as const) {
    if (a[part] !== undefined && b[part] !== undefined && a[part] !== b[part]) return false;
  }
  const labels = { ...a.labels, ...b.labels };
  if (Object.entries(a.labels).some(([key, value]) => labels[key] !== value)) return false;
  const name = a.service ?? b.service;
  const service = Service.find((draft) => draft.name === name);
  if (service === undefined) return true;
  const own = service.metadata.labels;
  return Object.entries(labels).every(([key, value]) => own[key] === value);
}

/** A knob, and which way an action moves it: below 0 is the safe side. */
interface Move {
  readonly knob: string;
  readonly way: number;
}

function movesOf(
  { rateLimit, timeout, retries, circuitBreaker }: ActionSpec,
  drafts: Drafts,
): Move[] {
  const service = (name: string) => drafts.Service.find((draft) => draft.name === name)?.spec;
  if (rateLimit !== undefined) {
    const written = drafts.RateLimit.find(({ name }) => name === rateLimit.name)?.spec.rate;
    const before = written === undefined ? Number.NaN : toRps(written);
    const after =
      rateLimit.rate === undefined ? before * (rateLimit.factor ?? 0) : toRps(rateLimit.rate);
    return [{ knob: `rate of RateLimit ${rateLimit.name}`, way: after - before }];
  }
  if (timeout !== undefined) {
    const before = service(timeout.service)?.timeout ?? Number.NaN;
    return [{ knob: `timeout of Service ${timeout.service}`, way: timeout.timeout - before }];
  }
  if (retries !== undefined) {
    const before = service(retries.service)?.retries?.budget ?? Number.NaN;
    return [{ knob: `retry budget of Service ${retries.service}`, way: retries.budget - before }];
  }
  if (circuitBreaker === undefined) return [];
  const before = service(circuitBreaker.service)?.circuitBreaker ?? {};
  return (["maxConnections", "maxPending", "maxRequests"] as const).map((field) => ({
    knob: `${field} of Service ${circuitBreaker.service}`,
    way: (circuitBreaker[field] ?? Number.NaN) - (before[field] ?? ENVOY_DEFAULT),
  }));
}

/** Envoy's own bound of each. */
const ENVOY_DEFAULT = 1024;

interface Mover extends Move {
  readonly policy: Draft<PolicySpec>;
  /** Of the action. */
  readonly index: number;
}

/** Of two Policies of one class the safe side wins whenever both hold; that the other is then there in vain must be said. */
function checkOpposed(drafts: Drafts): void {
  for (const movers of moversByKnob(drafts)) {
    const ups = movers.filter(({ way }) => way > 0);
    const downs = movers.filter(({ way }) => way < 0);
    for (const up of ups) {
      for (const down of downs) {
        const [first, second] = up.policy.name < down.policy.name ? [up, down] : [down, up];
        if (up.policy === down.policy || !meet(up.policy, down.policy, drafts)) continue;
        const message = `${up.knob} is raised by Policy ${up.policy.name} and lowered by ${down.policy.name}; whenever both hold, it is lowered (${first.policy.place})`;
        second.policy.wrong("QM0908", ["then", second.index], message);
      }
    }
  }
}

function moversByKnob(drafts: Drafts): Iterable<readonly Mover[]> {
  const movers = new Map<string, Mover[]>();
  for (const policy of drafts.Policy) {
    if (policy.spec.mode === "off") continue;
    for (const [index, action] of policy.spec.then.entries()) {
      for (const move of movesOf(action, drafts)) {
        const key = `${policy.metadata.class} ${move.knob}`;
        movers.set(key, [...(movers.get(key) ?? []), { ...move, policy, index }]);
      }
    }
  }
  return movers.values();
}

function meet(one: Draft<PolicySpec>, other: Draft<PolicySpec>, drafts: Drafts): boolean {
  return overlap(toScope(one.spec.scope), toScope(other.spec.scope), drafts);
}
