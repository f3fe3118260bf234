import type { PolicyAction, Suspect } from "../../policy/intent/action.ts";
import type { PolicyClass } from "../../policy/intent/policy.ts";
import type { Target } from "../../policy/intent/target.ts";
import type { PolicySet } from "../../policy/policy-set.ts";
import type { NodeShare } from "./node-share.ts";

/**
 * An action that holds now. Its way back is to take it out of the list: what is laid over the intent ends with it, so
 * nothing has to be remembered to undo it, and a control plane that forgot everything would serve the bare intent.
 */
export interface ActionInForce {
  /** Idempotency key: of one decision there is one action, however often it is told. */
  readonly id: string;
  /** What it moves: `service/checkout/weights`. Two actions on one knob are joined, never stacked. */
  readonly knob: string;
  /** Who asked for it. */
  readonly by: { readonly kind: "Policy" | "Rollout" | "Override"; readonly name: string };
  readonly class: PolicyClass;
  readonly move: MeshMove;
  readonly sinceTick: number;
  /** Ends by itself then; absent: when whoever asked for it takes it back. */
  readonly untilTick?: number;
  /** Shows what it would do where Envoy can, and changes nothing. */
  readonly isShadow: boolean;
  /** Holds on these Envoys only; absent: on all. */
  readonly nodes?: NodeShare;
}

/** What can be laid over the intent. */
export type MeshMove = Exclude<
  PolicyAction,
  { kind: "rollback" } | { kind: "notify" } | { kind: "run" }
>;

/** Name of what a move touches; equal names are one knob. */
export function knobOf(move: MeshMove): string {
  switch (move.kind) {
    case "shed":
      return `shedding/${move.shedding}`;
    case "rateLimit":
      return `rateLimit/${move.name}`;
    case "shift":
      return `service/${move.service}/locality/${move.from}`;
    case "deny":
      return `deny/${move.service ?? "*"}/${denied(move)}`;
    default:
      return `service/${move.service}/${move.kind}`;
  }
}

/** The Service whose requests it moves; undefined: it may be any. */
export function serviceOf(move: MeshMove, policySet: Limits): string | undefined {
  const target = targetOf(move, policySet);
  return target?.kind === "service" ? target.name : undefined;
}

type Limits = Pick<PolicySet, "sheddings" | "rateLimits">;

/** What a move is about; undefined: the set does not have what it names. */
export function targetOf(move: MeshMove, { sheddings, rateLimits }: Limits): Target | undefined {
  switch (move.kind) {
    case "shed":
      return sheddings.find(({ name }) => name === move.shedding)?.target;
    case "rateLimit":
      return rateLimits.find(({ name }) => name === move.name)?.target;
    default:
      return move.service === undefined ? undefined : { kind: "service", name: move.service };
  }
}

/** Those whom a denial names, one by one. */
export function suspectsOf({ any, ...one }: MeshMove & { kind: "deny" }): readonly Suspect[] {
  return any ?? [one];
}

/** Whoever comes from there, whatever the name. */
export function isRange({ cidr, principal, header, claim }: Suspect): boolean {
  const names = [principal, header, claim];
  return cidr !== undefined && names.every((name) => name === undefined);
}

/** Of the rule that only counts what a denial takes along. */
export function goodRuleOf(id: string): string {
  return `${id}-good`;
}

function denied(move: MeshMove & { kind: "deny" }): string {
  return suspectsOf(move)
    .map(({ principal, cidr, header, claim }) => {
      const pairs = [header, claim].map((pair) => pair && `${pair.name}=${pair.value}`);
      return [principal, cidr, ...pairs].filter((part) => part !== undefined).join(",");
    })
    .join(" or ");
}

/** One line for a person: what the move does. */
export function describeMove(move: MeshMove): string {
  switch (move.kind) {
    case "weights":
      return `${move.service}: ${list(move.weights, (weight) => `${weight}`)}`;
    case "shift":
      return `${move.service}: ${shiftText(move)}`;
    case "shed":
      return `${move.shedding}: ${[
        ...(move.max === undefined ? [] : [`at most ${move.max} in flight per Envoy`]),
        ...Object.entries(move.tiers).map(([tier, ratio]) => `${tier} to ${percent(ratio)}`),
      ].join(", ")}`;
    case "rateLimit":
      return `rate limit ${move.name}${move.tiers.length > 0 ? ` (${move.tiers.join(", ")})` : ""}: ${
        move.rate === undefined ? `${move.factor} times its rate` : rateText(move.rate)
      }`;
    case "outlier":
      return `${move.service}: eject instances sooner (${settings(move)})`;
    case "circuitBreaker":
      return `${move.service}: circuit breaker ${settings(move)}`;
    case "timeout":
      return `${move.service}: timeout ${move.timeoutMs} ms`;
    case "retries":
      return `${move.service}: retries at most ${percent(move.budgetRatio)} of active requests`;
    case "deny":
      return `deny ${denied(move)}${move.service === undefined ? "" : ` at ${move.service}`}`;
    case "mirror":
      return `${move.service}: ${percent(move.ratio)} copied to ${move.to}`;
    case "fault":
      return `${move.service}: faults ${[
        ...(move.abort ? [`${move.abort.status} for ${percent(move.abort.ratio)}`] : []),
        ...(move.delay ? [`${move.delay.ms} ms for ${percent(move.delay.ratio)}`] : []),
      ].join(", ")}`;
  }
}

function shiftText({ from, maxRatio, now }: Extract<MeshMove, { kind: "shift" }>): string {
  if (now === undefined) return `up to ${percent(maxRatio)} of the traffic of ${from} elsewhere`;
  const to = list(now.to, percent);
  return `${percent(now.ratio)} of the traffic of ${from}, of at most ${percent(maxRatio)}, to ${to}`;
}

function settings({ kind: _, service: __, ...rest }: MeshMove & { service?: string }): string {
  return Object.entries(rest)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function list<T>(entries: Readonly<Record<string, T>>, show: (value: T) => string): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(", ");
}

function rateText({ requests, perMs }: { requests: number; perMs: number }): string {
  return `${requests} requests each ${perMs / 1000} s`;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
