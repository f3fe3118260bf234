import type { PolicyAction } from "../../policy/intent/action.ts";
import type { Policy } from "../../policy/intent/policy.ts";
import { describeMove } from "../act/action.ts";
import type { Believed, Weighed } from "../record.ts";
import { type Belief, HYPOTHESES, type Hypothesis } from "../stats/hypotheses.ts";
import { isWorth, togglePrice, weigh as utilityOf } from "../stats/utility.ts";
import { beliefOf, byHypothesis } from "./belief.ts";
import type { Claim } from "./condition.ts";
import type { Ground } from "./conditions.ts";
import { curesOf, learned, type Tried } from "./cures.ts";
import { type Problem, problemOf, servicesOf, withClaims } from "./problem.ts";
import { harmOf, type Traffic, trafficOf } from "./stakes.ts";

/**
 * What each action of a Policy is worth beside doing nothing. The chance that the trouble is real is the posterior of what
 * is verified; what may be behind it is believed by the features of the service, by what is there at all that could be at
 * fault, and by the list itself, whose author had something in mind. An action takes its cures off the loss until the
 * verification is due, and costs what it refuses, its undoing and its place in the hour's budget.
 */
export interface Choice {
  readonly weighed: Weighed;
  readonly isWorth: boolean;
  /** P(it cures), before: scored by what came of it. */
  readonly pCure?: number;
  /** The smallest change of the evidence that turns it. */
  readonly flip?: string;
}

export interface Weighing {
  /** One for each action of `then`, by rank. */
  readonly choices: readonly Choice[];
  /** Absent where nothing is weighed. */
  readonly nothing?: Weighed;
  readonly believed: readonly Believed[];
}

/** Less than a request is no reason to move anything. */
const MARGIN = 1;

/** A push and its undoing: seconds of the traffic, and some requests. */
const MOVE_SECONDS = 0.05;
const MOVE_REQUESTS = 2;

/** Of what nobody counts in requests, this many times the most that the list gives up for it: who writes it wants it. */
const REVEALED = 2;

export interface Weigher {
  readonly ground: Ground;
  readonly measured: number | undefined;
  readonly method: Policy["method"];
  /** Of the condition that holds. */
  readonly claims: readonly Claim[];
  /** 0: its chances come true; 1: they are worth nothing. */
  readonly doubt: number;
  readonly triedOf: (rank: number) => Tried;
  /** Moves that a knob has left in the hour, 1..4. */
  readonly movesLeft: (action: PolicyAction) => number;
}

export function weigh(
  policy: Policy,
  actions: readonly (PolicyAction | undefined)[],
  at: Weigher,
): Weighing {
  const { verify } = policy;
  if (verify === undefined || at.method === "rules")
    return unweighed(actions, "first of the list that may be taken", true);
  const seen = problemOf(verify, at.measured, at.ground);
  const doubted = seen && { ...seen, chance: seen.chance + (0.5 - seen.chance) * at.doubt };
  // What is doubted is what we foresaw: every fault surprises it once. The condition is its author's.
  const problem = doubted && withClaims(doubted, verify, at);
  if (problem === undefined) {
    return unweighed(actions, `${verify.signal} is unknown, so no benefit can be shown`, false);
  }
  const services = servicesOf(policy, at.ground);
  const traffic = trafficOf(services, at.ground);
  const belief = beliefOf(policy, problem, services, at.ground);
  const lossRate = lossRateOf(policy, problem, traffic, at.ground);
  const stakes = { policy, problem, traffic, belief, lossRate, at };
  return {
    choices: actions.map((action, rank) => choose(action, rank, stakes)),
    nothing: {
      action: "nothing",
      text: "do nothing",
      gain: 0,
      pBenefit: 0,
      place: "nothing",
      why: `loses ${figure(problem.chance * lossRate)} a second if trouble is real, which it is with ${percent(problem.chance)}${doubtText(problem.chance === doubted?.chance ? at.doubt : 0)}`,
    },
    believed: HYPOTHESES.map((what) => ({ what, chance: belief[what] }))
      .filter(({ chance }) => chance >= 0.01)
      .sort((a, b) => b.chance - a.chance),
  };
}

function doubtText(doubt: number): string {
  return doubt < 0.01
    ? ""
    : `, taken ${percent(doubt)} towards even as such chances came true less often of late`;
}

interface Stakes {
  readonly policy: Policy;
  readonly problem: Problem;
  readonly traffic: Traffic;
  readonly belief: Belief;
  readonly lossRate: number;
  readonly at: Weigher;
}

function choose(action: PolicyAction | undefined, rank: number, stakes: Stakes): Choice {
  const { policy, problem, traffic, belief, lossRate, at } = stakes;
  const cures = action && curesOf(action);
  if (action === undefined) return plain(undefined, "a label it names is not there", false);
  if (cures === undefined) return plain(action, "no cure, so nothing is weighed", true);
  const trust = learned(at.triedOf(rank));
  const cureOf = (hypothesis: Hypothesis) => trust * (cures[hypothesis] ?? 0);
  const harm = harmOf(action, traffic, at.ground.policySet);
  const base = MOVE_REQUESTS + MOVE_SECONDS * traffic.rps * traffic.value;
  const cost = base + togglePrice(base, at.movesLeft(action), policy.guard.budgetPerHour);
  const horizon = policy.verify?.withinSeconds ?? 0;
  const nothing = byHypothesis((each) => (isReal(each) ? lossRate : 0));
  const left = byHypothesis((each) => nothing[each] * (1 - cureOf(each)) + harm);
  const [found] = utilityOf(
    belief,
    nothing,
    [{ name: action.kind, lossRate: left, cost }],
    horizon,
  );
  if (found === undefined) throw new Error("invariant: an option is weighed");
  const { gain, pBenefit } = found;
  const need = { margin: MARGIN, confidence: policy.confidence };
  const isGood = isWorth(found, need);
  const pCure = HYPOTHESES.reduce((sum, each) => sum + belief[each] * cureOf(each), 0);
  const chance = Math.max(problem.chance, 1e-12);
  const needed = chanceNeeded({ gain, pBenefit, chance, fixed: harm * horizon + cost, need });
  return {
    weighed: {
      action: action.kind,
      text: textOf(action),
      gain,
      pBenefit,
      why: whyOf(found, policy.confidence, isGood),
    },
    isWorth: isGood,
    pCure,
    flip: flipOf(needed, problem.chance, isGood),
  };
}

/** Both gain and chance of a benefit are straight lines in the chance of trouble. */
function chanceNeeded({
  gain,
  pBenefit,
  chance,
  fixed,
  need,
}: {
  readonly gain: number;
  readonly pBenefit: number;
  readonly chance: number;
  readonly fixed: number;
  readonly need: { readonly margin: number; readonly confidence: number };
}): number {
  const forGain = (need.margin + fixed) / ((gain + fixed) / chance);
  const forBenefit = need.confidence / (pBenefit / chance);
  return Math.max(forGain, forBenefit);
}

function flipOf(needed: number, chance: number, isGood: boolean): string {
  const is = `it is ${percent(chance)}`;
  if (isGood)
    return `It would not have acted had trouble been less likely than ${percent(needed)} (${is}).`;
  if (needed <= 1)
    return `It would act if trouble were at least ${percent(needed)} likely (${is}).`;
  return `No certainty of trouble would do (${is}): other evidence of what is behind it is needed.`;
}

function whyOf(
  { gain, pBenefit }: { readonly gain: number; readonly pBenefit: number },
  confidence: number,
  isGood: boolean,
): string {
  const helps = `helps with ${percent(pBenefit)}`;
  if (isGood) return `${helps}, at least the ${percent(confidence)} asked for`;
  if (pBenefit < confidence) return `${helps}, below the ${percent(confidence)} asked for`;
  return gain <= 0
    ? `${helps}, but is expected to lose more than it saves`
    : `${helps}, but too little`;
}

/** Nothing and what only seems so lose nothing. */
function isReal(hypothesis: Hypothesis): boolean {
  return hypothesis !== "fine" && hypothesis !== "telemetry fault";
}

/** Worth lost a second while trouble is real. */
function lossRateOf(
  { then }: Policy,
  { lossRps, tier }: Problem,
  traffic: Traffic,
  { policySet }: Ground,
): number {
  const value = traffic.tiers.find(({ name }) => name === tier)?.value ?? traffic.value;
  if (lossRps !== undefined) return lossRps * value;
  const most = Math.max(0, ...then.map((action) => harmOf(action, traffic, policySet)));
  return Math.max(1, REVEALED * most);
}

function unweighed(
  actions: readonly (PolicyAction | undefined)[],
  why: string,
  isGood: boolean,
): Weighing {
  return {
    choices: actions.map((action) => plain(action, why, isGood && action !== undefined)),
    believed: [],
  };
}

function plain(action: PolicyAction | undefined, why: string, isGood: boolean): Choice {
  const text = action === undefined ? "an action" : textOf(action);
  return { weighed: { action: action?.kind ?? "nothing", text, why }, isWorth: isGood };
}

function textOf(action: PolicyAction): string {
  if (action.kind === "rollback") return `roll back ${action.rollout}`;
  if (action.kind === "notify") return `tell ${action.to}`;
  if (action.kind === "run") return `run ${action.runbook}`;
  return describeMove(action);
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}
