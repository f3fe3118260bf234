import { forecastOf } from "../../src/decide/stats/forecast-interval.ts";
import {
  newVerification,
  type Outcome,
  observeVerification,
} from "../../src/decide/verification.ts";
import { Random } from "../law/random.ts";
import { type Line, note } from "./canary-experiments.ts";
import { binomial } from "./draws.ts";
import { shareText } from "./wilson.ts";

/** An incident that ends by itself, and an action at second 0 that does nothing, or ends it. */
interface Incident {
  readonly name: string;
  /** Burn at `second` (< 0: before the action), if it ends by itself at `end`. */
  burnAt(second: number, end: number, noise: number): number;
  readonly meanSeconds: number;
}

const HISTORY = 300;
const INCIDENTS: readonly Incident[] = [
  {
    name: "ends at once, after 20 min on average",
    meanSeconds: 1200,
    burnAt: (second, end, noise) => (second < end ? 20 : 0.5) * Math.exp(0.15 * noise),
  },
  {
    name: "ends at once, after 3 min on average",
    meanSeconds: 180,
    burnAt: (second, end, noise) => (second < end ? 20 : 0.5) * Math.exp(0.15 * noise),
  },
  {
    name: "fades over 3 min, after 10 min on average",
    meanSeconds: 600,
    burnAt: (second, end, noise) =>
      (0.5 + 19.5 * Math.exp(-Math.max(0, second - end) / 60)) * Math.exp(0.15 * noise),
  },
  {
    name: "fades already",
    meanSeconds: 1200,
    burnAt: (second, end, noise) =>
      (0.5 + 19.5 * Math.exp(-Math.max(0, second + HISTORY / 2 - end / 20) / 120)) *
      Math.exp(0.15 * noise),
  },
  {
    name: "noise that looked like trouble",
    meanSeconds: 1200,
    burnAt: (second, end, noise) =>
      (0.5 + 8 * Math.max(0, Math.sin((second + end) / 40)) ** 4) * Math.exp(0.3 * noise),
  },
];

const GOAL = 2;
const PLAN = { goal: GOAL, sustainedSeconds: 300, withinSeconds: 600, lagSeconds: 15, alpha: 0.05 };
/** Of which this part is held back. */
const RPS = 200;
const HELD = 0.05;
const BUDGET = 0.001;

/** E9. Columns: ours without and with nodes held back, a rule that looks only at the goal. */
export function noOps(runs: number, seed: number): Line[] {
  const lines = INCIDENTS.map((incident) => {
    note(`no-op, ${incident.name}`);
    const [alone, held, rule] = [0, 1, 2].map((which) => count(incident, which, false, runs, seed));
    return {
      cells: [
        `no-op scored as success, trouble ${incident.name}`,
        "<= 5 %",
        `${shareText(alone!, runs)}; held back ${shareText(held!, runs)}`,
        "-",
        "-",
        shareText(rule!, runs),
      ],
      isMet: alone! / runs <= 0.05 && held! / runs <= 0.05,
    };
  });
  const cure = INCIDENTS[0]!;
  const [alone, held, rule] = [0, 1, 2].map((which) => count(cure, which, true, runs, seed));
  return [
    ...lines,
    {
      cells: [
        "a cure scored as success, trouble that lasts 20 min",
        ">= 90 %",
        `${shareText(alone!, runs)}; held back ${shareText(held!, runs)}`,
        "-",
        "-",
        shareText(rule!, runs),
      ],
      isMet: alone! / runs >= 0.9 && held! / runs >= 0.9,
    },
  ];
}

function count(
  incident: Incident,
  which: number,
  isCure: boolean,
  runs: number,
  seed: number,
): number {
  let successes = 0;
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run * 31);
    for (let warm = 0; warm < 8; warm++) random.next();
    const end = random.exponential() * incident.meanSeconds;
    const outcome =
      which === 2
        ? byGoal(incident, end, isCure, random)
        : verified(incident, end, isCure, which === 1, random);
    if (outcome === "success") successes++;
  }
  return successes;
}

/** Under a cure, the end of the trouble for those treated. */
const CURED_AFTER = 5;

function verified(
  incident: Incident,
  end: number,
  isCure: boolean,
  isHeld: boolean,
  random: Random,
): Outcome {
  const past = Array.from({ length: HISTORY }, (_, at) =>
    incident.burnAt(at - HISTORY, end, random.normal()),
  );
  let state = newVerification({
    ...PLAN,
    inForceTick: 0,
    forecast: forecastOf(past)!,
    meanTroubleSeconds: incident.meanSeconds,
    ...(isHeld && { better: 0.8 }),
  });
  for (let second = 1; second <= 1800 && state.outcome === "waiting"; second++) {
    const noise = random.normal();
    const untreated = incident.burnAt(second, end, noise);
    const value = incident.burnAt(second, isCure ? Math.min(end, CURED_AFTER) : end, noise);
    const arm = (part: number, burn: number) => {
      const of = Math.round(RPS * part);
      return { bad: binomial(random, of, Math.min(1, burn * BUDGET)), of };
    };
    state = observeVerification(state, {
      tick: second,
      value,
      ...(isHeld && { treated: arm(1 - HELD, value), held: arm(HELD, untreated) }),
    });
  }
  return state.outcome;
}

/** Below the goal for 5 minutes, begun within 10. */
function byGoal(incident: Incident, end: number, isCure: boolean, random: Random): Outcome {
  let since: number | undefined;
  for (let second = 1; second <= PLAN.withinSeconds + PLAN.sustainedSeconds; second++) {
    const value = incident.burnAt(
      second,
      isCure ? Math.min(end, CURED_AFTER) : end,
      random.normal(),
    );
    since = value < GOAL ? (since ?? second) : undefined;
    if (since !== undefined && second - since >= PLAN.sustainedSeconds) return "success";
  }
  return "no effect";
}
