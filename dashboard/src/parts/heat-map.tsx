import type { ObjectiveView } from "../../../src/api/view/service.ts";
import { percent } from "../format.ts";
import { go } from "../state/place.ts";
import { State } from "./state.tsx";

/** Error budget over the window of each objective: a row each, the worst first. */
export interface BudgetRow {
  readonly service: string;
  readonly objective: ObjectiveView;
}

export function HeatMap({ rows }: { readonly rows: readonly BudgetRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll heat" tabIndex={0} aria-label="Error budget by objective">
      <table>
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col" class="wide">
              Budget left, oldest to newest
            </th>
            <th scope="col" class="num">
              Now
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ service, objective }) => (
            <tr key={objective.name}>
              <td>
                <button
                  type="button"
                  class="link"
                  title={`${objective.indicator}, ${percent(objective.target)}`}
                  onClick={() => go({ screen: "debug", service })}
                >
                  {objective.name}
                </button>
              </td>
              <td class="wide">
                <Strip history={objective.history} />
              </td>
              <td class="num">{percent(objective.budgetLeft)}</td>
              <td>
                <State state={objective.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Key />
    </section>
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
