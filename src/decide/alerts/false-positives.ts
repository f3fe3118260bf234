import type { Alert } from "./alert.ts";

/** Share of labelled alerts that were not worth acting on, with Wilson's interval of 95 %; undefined: none has a label. */
export interface FalsePositives {
  readonly labelled: number;
  readonly notActionable: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const Z = 1.959963984540054;

export function falsePositives(alerts: Iterable<Pick<Alert, "label">>): FalsePositives | undefined {
  const labels = [...alerts].flatMap(({ label }) => label?.actionable ?? []);
  const labelled = labels.length;
  if (labelled === 0) return undefined;
  const notActionable = labels.filter((each) => each === "no").length;
  const share = notActionable / labelled;
  const weight = 1 + (Z * Z) / labelled;
  const middle = (share + (Z * Z) / (2 * labelled)) / weight;
  const half =
    (Z / weight) *
    Math.sqrt((share * (1 - share)) / labelled + (Z * Z) / (4 * labelled * labelled));
  return {
    labelled,
    notActionable,
    share,
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
  };
}
