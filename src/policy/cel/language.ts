/**
 * The words of conditions beyond CEL's own: functions and variables with their types, what a text among their arguments names,
 * and the range of their answers. One table, from which the type checker, the evaluator, the check for conditions that can
 * never hold and the documentation are made.
 */
import type { ConditionFunctions } from "./condition-functions.ts";

/** What an argument is; all but `number` and `tenant` must be written out, so that they can be checked on load. */
export type Parameter =
  | "slo"
  | "rollout"
  | "service"
  | "signal"
  | "project"
  | "locality"
  | "tenant"
  | "role"
  | "window"
  /** A window, or `eod`. */
  | "horizon"
  | "claim"
  /** Above 0, below 1. */
  | "quantile"
  | "number";

/** Where a condition stands; each place has variables of its own. */
export type ConditionPlace = "when" | "guardrail" | "approval" | "watch";

type Answer = boolean | number | string | undefined;
/** Windows as seconds, names and numbers as they stand. */
type Arguments = readonly (string | number)[];

export interface FunctionEntry {
  readonly takes: readonly Parameter[];
  readonly gives: "double" | "int" | "bool" | "duration" | "score";
  readonly least: number;
  readonly most: number;
  readonly places?: readonly ConditionPlace[];
  readonly ask: (functions: ConditionFunctions, args: Arguments) => Answer;
}

const SHARE = { gives: "double", least: 0, most: 1 } as const;
const AMOUNT = { gives: "double", least: 0, most: Number.POSITIVE_INFINITY } as const;
const ANY = {
  gives: "double",
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
} as const;

const text = (value: string | number | undefined) => String(value);
const number = (value: string | number | undefined) => Number(value);

/** `actions.last` is the one method; `siem` answers with something that has a `score`. */
export const FUNCTIONS: Readonly<Record<string, FunctionEntry>> = {
  burn: {
    takes: ["slo", "window"],
    ...AMOUNT,
    ask: (f, [slo, window]) => f.burn(text(slo), number(window)),
  },
  pBurn: {
    takes: ["slo", "window", "number"],
    ...SHARE,
    ask: (f, [slo, window, x]) => f.pBurn(text(slo), number(window), number(x)),
  },
  evidence: {
    takes: ["rollout", "claim"],
    ...AMOUNT,
    ask: (f, [rollout, claim]) => f.evidence(text(rollout), claim === "safe" ? "safe" : "worse"),
  },
  pWorse: {
    takes: ["rollout", "number"],
    ...SHARE,
    ask: (f, [rollout, margin]) => f.pWorse(text(rollout), number(margin)),
  },
  quantile: {
    takes: ["service", "quantile", "window"],
    ...AMOUNT,
    gives: "duration",
    ask: (f, [service, q, window]) => f.quantile(text(service), number(q), number(window)),
  },
  rate: {
    takes: ["signal", "window"],
    ...ANY,
    ask: (f, [signal, window]) => f.rate(text(signal), number(window)),
  },
  share: { takes: ["tenant"], ...SHARE, ask: (f, [tenant]) => f.share(text(tenant)) },
  anomaly: { takes: ["signal"], ...SHARE, ask: (f, [signal]) => f.anomaly(text(signal)) },
  cost: {
    takes: ["project", "window"],
    ...ANY,
    ask: (f, [project, window]) => f.cost(text(project), number(window)),
  },
  forecast: {
    takes: ["signal", "horizon", "quantile"],
    ...ANY,
    ask: (f, [signal, ahead, q]) =>
      f.forecast(text(signal), ahead === "eod" ? "eod" : number(ahead), number(q)),
  },
  disagreement: {
    takes: ["service"],
    ...SHARE,
    ask: (f, [service]) => f.disagreement(text(service)),
  },
  headroom: {
    takes: ["locality", "quantile"],
    ...SHARE,
    ask: (f, [locality, q]) => f.headroom(text(locality), number(q)),
  },
  age: {
    takes: ["signal"],
    ...AMOUNT,
    gives: "duration",
    ask: (f, [signal]) => f.age(text(signal)),
  },
  pAbove: {
    takes: ["signal", "number", "window"],
    ...SHARE,
    ask: (f, [signal, x, window]) => f.pAbove(text(signal), number(x), number(window)),
  },
  siem: {
    takes: ["signal"],
    ...ANY,
    gives: "score",
    ask: (f, [name]) => f.siemScore(text(name)),
  },
  approved: {
    takes: ["role"],
    gives: "bool",
    least: 0,
    most: 1,
    places: ["guardrail", "approval"],
    ask: (f, [role]) => f.approved(text(role)),
  },
  "actions.last": {
    takes: ["window"],
    ...AMOUNT,
    gives: "int",
    ask: (f, [window]) => f.actionsLast(number(window)),
  },
};

interface VariableEntry {
  readonly type: "double" | "int" | "string";
  readonly least?: number;
  readonly most?: number;
  readonly places: readonly ConditionPlace[];
}

export const VARIABLES: Readonly<Record<string, VariableEntry>> = {
  /** Percent, as it would be after the action. */
  "canary.weight": { type: "double", least: 0, most: 100, places: ["guardrail", "approval"] },
  /** Localities that would get no traffic. */
  "locality.out": { type: "int", least: 0, places: ["guardrail", "approval"] },
  /** Tier whose requests the action would refuse. */
  "request.tier": { type: "string", places: ["guardrail", "approval"] },
  /** Share of the scope's requests the action would touch. */
  "affected.share": { type: "double", least: 0, most: 1, places: ["guardrail", "approval"] },
  /** Share of good requests denied since the action. */
  "good.requests.denied.share": { type: "double", least: 0, most: 1, places: ["watch"] },
};

/** `signal.LABEL`: texts that came with the signal which made `when` true. */
export const LABELS = { name: "signal", places: ["approval", "watch"] } as const;

/** With which the name of a variable or method begins; no loop may give them another meaning. */
export const FIRST_WORDS: ReadonlySet<string> = new Set([
  "actions",
  LABELS.name,
  ...Object.keys(VARIABLES).map((name) => name.split(".", 1)[0] ?? name),
]);

/** Methods of texts, and macros over lists, taken over from CEL. */
export const TEXT_METHODS: readonly string[] = ["startsWith", "endsWith", "contains"];
export const MACROS: readonly string[] = ["exists", "all"];
