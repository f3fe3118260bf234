import { Shed } from "../../src/core/shed.ts";
import { figureOf } from "./figures.ts";
import { Rig } from "./rig.ts";
import { parseScenarios } from "./scenario.ts";

/**
 * How the law's deadline margin was chosen: in virtual time, on seeds and loads that no page is scored on. The least margin
 * with which at most 0.5 % of the served comes too late; a greater one refuses callers who would have been in time.
 */
const ROWS = `
32 slots | c32 exp d50-500 t10,30,30,30 | 0.6@0 2.5@4 end@16 | 4 |
16 slots | c16 exp d50-500 t100 | 0.5@0 2@3 end@15 | 3 |
`;
const MARGINS = [1, 1.25, 1.5, 1.75, 2, 2.5];
const MOST_LATE = 0.005;
export const MARGIN_SEEDS = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008];

export interface MarginFigures {
  readonly margin: number;
  /** Served too late over served, the mean over all runs. */
  readonly late: number;
  readonly goodput: number;
}

export function tryMargins(): MarginFigures[] {
  const scenarios = parseScenarios(ROWS);
  return MARGINS.map((margin) => {
    const results = scenarios.flatMap(({ setup }) =>
      MARGIN_SEEDS.map((seed) =>
        new Rig({ ...setup, seed }, ({ tiers, min, max, initial }) => {
          const law = new Shed();
          law.setTiers(tiers.length);
          law.setBounds(min, max, initial);
          law.deadlineMargin = margin;
          return law;
        }).run(),
      ),
    );
    return { margin, late: figureOf(results, "late"), goodput: figureOf(results, "good") };
  });
}

/** Undefined: none of them is enough. */
export function leastEnough(figures: readonly MarginFigures[]): number | undefined {
  return figures.find(({ late }) => late <= MOST_LATE)?.margin;
}
