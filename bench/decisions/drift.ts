import { EMPTY_STATE, type EngineState } from "../../src/decide/engine/state.ts";
import { step } from "../../src/decide/engine/step.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import type { Policy } from "../../src/policy/intent/policy.ts";
import type { Slo } from "../../src/policy/intent/slo.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { Random } from "../law/random.ts";
import { median } from "../page.ts";
import type { Line } from "./canary-experiments.ts";
import { binomial } from "./draws.ts";

/**
 * A drift planted in what a Policy predicts from: for half an hour errors come and go with the minutes, as its
 * probabilities suppose; then each half minute is bad or good by itself, so that what is certain of the last says nothing
 * of the next, and every action is one too many. How long until rules decide, and how many actions until then?
 */
const CALM_SECONDS = 1800;
const MOST_SECONDS = 3600;
const HALF_MINUTE = 30;
/** Goal. */
const MOST_MINUTES = 30;
const RPS = 100;

/** Shares of bad requests: of a good and of a bad half minute. */
const RATES = [0.001, 0.1] as const;

const SLO: Slo = {
  name: "availability",
  service: "checkout",
  target: 0.99,
  windowSeconds: 30 * 86_400,
  indicator: { kind: "errors" },
};

const POLICY: Policy = {
  name: "relief",
  owner: "bench",
  class: "reliability",
  mode: "enforce",
  method: "probabilistic",
  scope: { service: "checkout", labels: {} },
  when: { text: 'burn("availability", "1m") > 4.0', reads: ["burn:availability"] },
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [{ kind: "retries", service: "checkout", budgetRatio: 0.1 }],
  guard: { minIntervalSeconds: 60, budgetPerHour: 4, floor: {}, exempt: [] },
  verify: {
    signal: "availability",
    improve: { kind: "burnBelow", burn: 2 },
    sustainedSeconds: 120,
    withinSeconds: 300,
  },
  revert: { onHarm: true, onNoEffectSeconds: 300 },
  confidence: 0.95,
};

const SET: PolicySet = {
  digest: "0".repeat(64),
  gateways: [],
  httpRoutes: [],
  grpcRoutes: [],
  services: [],
  sheddings: [],
  rateLimits: [],
  slos: [SLO],
  burnAlerts: [],
  policies: [POLICY],
  rollouts: [],
  guardrails: [],
  overrides: [],
  maintenances: [],
  adapters: [],
  identities: [],
  runbooks: [],
};

export function drifts(runs: number, seed: number): Line[] {
  const found = Array.from({ length: runs }, (_, at) => run(new Random(seed + at)));
  const minutes = found.map(({ seconds }) => seconds / 60);
  const worst = Math.max(...minutes);
  const mostBad = Math.max(...found.map(({ actions }) => actions));
  const late = minutes.filter((each) => each > MOST_MINUTES).length;
  const often = found.filter(({ actions }) => actions > 1).length;
  const early = found.filter(({ isEarly }) => isEarly).length;
  return [
    {
      cells: [
        `planted drift, time to rules, worst, actions until then, alarms before (${runs} runs)`,
        `<= ${MOST_MINUTES} min, <= 1, none`,
        `${median(minutes).toFixed(1)}, ${worst.toFixed(1)} min (${late} above ${MOST_MINUTES}), ${mostBad} (${often} above 1), ${early}`,
        "-",
        "-",
        "-",
      ],
      isMet: worst <= MOST_MINUTES && mostBad <= 1 && early === 0,
    },
  ];
}

interface Drifted {
  /** From the drift until rules decide. */
  readonly seconds: number;
  readonly actions: number;
  /** Alarmed before there was a drift. */
  readonly isEarly: boolean;
}

function run(random: Random): Drifted {
  const ledger = new EvidenceLedger();
  const start = 1_000_000;
  let state: EngineState = EMPTY_STATE;
  let [rate, actions]: [number, number] = [RATES[0], 0];
  for (let second = 0; second < CALM_SECONDS + MOST_SECONDS; second++) {
    const tick = start + second;
    ledger.advance(tick);
    const evidence = ledger.evidence();
    const turn = step(state, { policySet: SET, evidence, tick, orders: [] });
    state = turn.state;
    const since = second - CALM_SECONDS;
    if (since >= 0) actions += turn.records.filter(({ kind }) => kind === "action").length;
    const isAlarmed = state.policies.relief?.watch.drift.isAlarmed === true;
    if (isAlarmed) return { seconds: Math.max(0, since), actions, isEarly: since < 0 };
    if (since >= 0 && since % HALF_MINUTE === 0) rate = RATES[random.next() < 0.5 ? 0 : 1];
    ledger.observe(
      { service: "checkout", version: "v1" },
      { requests: RPS, errors: binomial(random, RPS, rate) },
    );
  }
  return { seconds: MOST_SECONDS, actions, isEarly: false };
}
