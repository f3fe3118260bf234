/**
 * Whether the engine's probabilities still come true: every one is scored once its outcome is known, beside that of the
 * plain rules, by Brier's score (p - y)^2 and by -ln of the chance given to what happened. A CUSUM of the differences
 * alarms once ours has been worse for long; then rules decide, until 200 scored predictions in a row were better than
 * theirs on the whole. Plain JSON.
 */
export interface Drift {
  readonly scored: number;
  readonly brier: { readonly ours: number; readonly rules: number };
  readonly logScore: { readonly ours: number; readonly rules: number };
  /** Outcomes by tenths of probability: how often said, how often true, sum of what was said. */
  readonly bins: readonly { readonly said: number; readonly came: number; readonly sum: number }[];
  readonly cusum: number;
  /** Rules decide. */
  readonly isAlarmed: boolean;
  /** Since the alarm. */
  readonly trial: { readonly scored: number; readonly gain: number };
}

/** Of Brier's score: smaller differences are noise. */
const SLACK = 0.02;
/** Where a probability is no more than even, `doubtOf`. */
const ALARM_AT = 1;
const TRIAL = 200;
const BINS = 10;

export const NO_DRIFT: Drift = {
  scored: 0,
  brier: { ours: 0, rules: 0 },
  logScore: { ours: 0, rules: 0 },
  bins: Array.from({ length: BINS }, () => ({ said: 0, came: 0, sum: 0 })),
  cusum: 0,
  isAlarmed: false,
  trial: { scored: 0, gain: 0 },
};

/** `ours`, `rules`: probabilities in [0, 1] given beforehand to what `came` to be or not. */
export function scorePrediction(
  known: Drift,
  { ours, rules, came }: { readonly ours: number; readonly rules: number; readonly came: boolean },
): Drift {
  const [brierOurs, brierRules] = [brierOf(ours, came), brierOf(rules, came)];
  const worse = brierOurs - brierRules;
  const cusum = Math.max(0, known.cusum + worse - SLACK);
  const scored = {
    ...known,
    scored: known.scored + 1,
    brier: { ours: known.brier.ours + brierOurs, rules: known.brier.rules + brierRules },
    logScore: {
      ours: known.logScore.ours + logScoreOf(ours, came),
      rules: known.logScore.rules + logScoreOf(rules, came),
    },
    bins: known.bins.map((bin, at) =>
      at === Math.min(BINS - 1, Math.floor(ours * BINS))
        ? { said: bin.said + 1, came: bin.came + (came ? 1 : 0), sum: bin.sum + ours }
        : bin,
    ),
  };
  return known.isAlarmed ? onTrial(scored, worse) : { ...scored, ...alarm(cusum) };
}

/** 0 to 1, long before the alarm: so far a probability is moved towards even before it is acted on. */
export function doubtOf({ cusum }: Drift): number {
  return Math.min(1, cusum);
}

/** Labels, sample rate or bucket bounds have changed: what was measured before says nothing about what is now. */
export function suspendDrift(known: Drift): Drift {
  return { ...known, cusum: 0, trial: { scored: 0, gain: 0 } };
}

function alarm(cusum: number): Pick<Drift, "cusum" | "isAlarmed" | "trial"> {
  const isAlarmed = cusum >= ALARM_AT;
  return { cusum: isAlarmed ? 0 : cusum, isAlarmed, trial: { scored: 0, gain: 0 } };
}

function onTrial(known: Drift, worse: number): Drift {
  const trial = { scored: known.trial.scored + 1, gain: known.trial.gain - worse };
  if (trial.scored < TRIAL) return { ...known, trial };
  return { ...known, isAlarmed: trial.gain <= 0, trial: { scored: 0, gain: 0 } };
}

function brierOf(p: number, came: boolean): number {
  return (p - (came ? 1 : 0)) ** 2;
}

/** At most 10 nats, so that one certain miss does not drown all else. */
function logScoreOf(p: number, came: boolean): number {
  return Math.min(10, -Math.log(came ? p : 1 - p));
}
