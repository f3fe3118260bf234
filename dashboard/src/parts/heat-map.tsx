import type { ObjectiveView } from "../../../src/api/view/service.ts";
import { percent } from "../format.ts";
import { go } from "../state/place.ts";
import { LongTable } from "./long-table.tsx";
import { State } from "./state.tsx";

/** Error budget over the window of each objective: a row each, the worst first. */
export interface BudgetRow {
  readonly service: string;
  readonly objective: ObjectiveView;
}

export function HeatMap({ rows }: { readonly rows: readonly BudgetRow[] }) {
  return (
    <>
      <LongTable
        label="Error budget by objective"
        rows={rows}
        keyOf={({ objective }) => objective.name}
        onPick={({ service }) => go({ screen: "debug", service })}
        columns={[
          {
            head: "Objective",
            cell: ({ objective: { name, indicator, target } }) => (
              <span title={`${indicator}, ${percent(target)}`}>{name}</span>
            ),
          },
          {
            head: "Budget left, oldest to newest",
            cell: ({ objective }) => <Strip history={objective.history} />,
            isWide: true,
          },
          { head: "Now", cell: ({ objective }) => percent(objective.budgetLeft), isNumber: true },
          {
            head: "State",
            cell: ({ objective }) => <State state={objective.state} />,
            isHead: true,
          },
        ]}
      />
      <Key />
    </>
  );
}

const WIDTH = 10;
const HEIGHT = 20;

/** Spent cells have a cross: colour alone says nothing to some. */
function Strip({ history }: { readonly history: readonly (number | null)[] }) {
  if (history.every((value) => value === null)) return <>not known yet</>;
  const worst = Math.min(...history.map((value) => value ?? 1));
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${history.length * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`least ${percent(worst)}, now ${percent(history.at(-1) ?? undefined)}`}
    >
      {history.map((value, at) => (
        <g key={at} transform={`translate(${at * WIDTH} 0)`} class={`heat-${levelOf(value)}`}>
          <rect x="0.5" width={WIDTH - 1} height={HEIGHT} />
          {value !== null && value <= 0 && <path d={`M2 6L${WIDTH - 2} 14M${WIDTH - 2} 6L2 14`} />}
          <title>{value === null ? "not known" : `${percent(value)} left`}</title>
        </g>
      ))}
    </svg>
  );
}

const LEVELS = [
  ["spent", Number.NEGATIVE_INFINITY],
  ["low", 0],
  ["half", 0.25],
  ["most", 0.5],
  ["full", 0.75],
] as const;

function levelOf(value: number | null): string {
  if (value === null) return "none";
  return LEVELS.findLast(([, from]) => value > from)?.[0] ?? "spent";
}

function Key() {
  return (
    <p class="key">
      {(["full", "most", "half", "low", "spent"] as const).map((level) => (
        <span key={level}>
          <i class={`heat-${level}`} />
          {
            {
              full: "over 75 %",
              most: "over 50 %",
              half: "over 25 %",
              low: "above 0",
              spent: "spent ×",
            }[level]
          }
        </span>
      ))}
    </p>
  );
}
