import { useState } from "preact/hooks";
import type { Column } from "./long-table.tsx";

/**
 * A table on a phone: a card a row, its head in one line, below it what the other columns hold, each with its name. Some rows at
 * first and more when asked: the page scrolls, nothing inside it does.
 */
interface CardsProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly onPick?: (row: Row) => void;
}

const FIRST = 4;
const MORE = 20;

export function Cards<Row>({ label, rows, columns, keyOf, onPick }: CardsProps<Row>) {
  const [most, setMost] = useState(FIRST);
  const [first, ...others] = columns;
  const head = others.filter(({ isHead }) => isHead);
  const rest = others.filter(({ isHead }) => !isHead);
  const left = rows.length - most;
  return (
    <section class="cards" aria-label={label}>
      <ul>
        {rows.slice(0, most).map((row) => (
          <li class="card" key={keyOf(row)}>
            <p class="card-head">
              {onPick === undefined ? (
                <strong>{first?.cell(row)}</strong>
              ) : (
                <button type="button" class="link" onClick={() => onPick(row)}>
                  {first?.cell(row)}
                </button>
              )}
              {head.map((column) => (
                <span key={column.head}>{column.cell(row)}</span>
              ))}
            </p>
            <dl>
              {rest.map((column) => (
                <Pair key={column.head} column={column} row={row} />
              ))}
            </dl>
          </li>
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="more" onClick={() => setMost(most + MORE)}>
          Show {Math.min(MORE, left)} more of {left}
        </button>
      )}
    </section>
  );
}

function Pair<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const shown = column.cell(row);
  if (shown === undefined || shown === null || shown === false || shown === "") return null;
  return (
    <div class={column.isWide ? "whole" : ""}>
      <dt>{column.head}</dt>
      <dd>{shown}</dd>
    </div>
  );
}
