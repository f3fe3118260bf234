import { type Belief, HYPOTHESES, type Hypothesis } from "./hypotheses.ts";

/** What an action would leave to be lost, and what it costs by itself. Unit: worth of one request. */
export interface Option {
  readonly name: string;
  /** Worth lost a second while it holds; a hypothesis not named: as with doing nothing. */
  readonly lossRate: Partial<Belief>;
  /** Worth of the traffic it touches, of undoing it, and of a move out of a budget that empties. */
  readonly cost: number;
}

export interface Weighed {
  readonly name: string;
  /** Expected utility above that of doing nothing. */
  readonly gain: number;
  /** P(it loses less than doing nothing, its cost included). */
  readonly pBenefit: number;
}

/** `nothing`: worth lost a second if nothing is done, by hypothesis. */
export function weigh(
  belief: Belief,
  nothing: Belief,
  options: readonly Option[],
  horizonSeconds: number,
): readonly Weighed[] {
  return options.map(({ name, lossRate, cost }) => {
    const benefit = (hypothesis: Hypothesis) =>
      (nothing[hypothesis] - (lossRate[hypothesis] ?? nothing[hypothesis])) * horizonSeconds - cost;
    const gain = HYPOTHESES.reduce((sum, each) => sum + belief[each] * benefit(each), 0);
    const pBenefit = HYPOTHESES.reduce(
      (sum, each) => sum + (benefit(each) > 0 ? belief[each] : 0),
      0,
    );
    return { name, gain, pBenefit };
  });
}

/** Better than nothing by more than `margin`, and likely enough to be better at all. */
export function isWorth(
  { gain, pBenefit }: Pick<Weighed, "gain" | "pBenefit">,
  need: { readonly margin: number; readonly confidence: number },
): boolean {
  return gain > need.margin && pBenefit >= need.confidence;
}

/** A move is dearer the fewer are left: doubled by the last one. `left` of `of`, 1..of. */
export function togglePrice(base: number, left: number, of: number): number {
  return base * 2 ** ((of - left) / Math.max(1, of - 1));
}
