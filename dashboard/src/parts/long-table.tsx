import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isNarrow } from "../state/narrow.ts";
import { Cards } from "./cards.tsx";

/**
 * A table of any length that stays fluid: only the rows in sight, and some around them, are in the document. Every row is
 * one line of the same height. Where that does not fit, it is cards.
 */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
  /** Takes what is left, and cuts what does not fit. */
  readonly isWide?: boolean;
  /** Of a card, stands in its first line, as the first column always does. */
  readonly isHead?: boolean;
}

interface LongTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly onPick?: (row: Row) => void;
  /** Rows in sight at most. */
  readonly height?: number;
}

const ROW_PX = 34;
const AROUND = 8;

export function LongTable<Row>(props: LongTableProps<Row>) {
  return isNarrow.value ? <Cards {...props} /> : <Table {...props} />;
}

function Table<Row>(props: LongTableProps<Row>) {
  const { label, rows, columns, keyOf, onPick, height = 12 } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    // A list that became shorter may have scrolled itself.
    setTop(box.current?.scrollTop ?? 0);
  }, [rows.length]);
  const from = Math.max(0, Math.min(Math.floor(top / ROW_PX) - AROUND, rows.length - 1));
  const to = Math.min(rows.length, from + height + 2 * AROUND);
  const shown = rows.slice(from, to);
  return (
    <section
      ref={box}
      class="scroll"
      style={{ maxHeight: `${(height + 1) * ROW_PX}px` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map(({ head, isNumber, isWide }) => (
              <th key={head} scope="col" class={classOf(isNumber, isWide)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <tr class="gap" style={{ height: `${from * ROW_PX}px` }} />}
          {shown.map((row, at) => (
            <tr key={keyOf(row)} aria-rowindex={from + at + 2}>
              {columns.map(({ head, cell, isNumber, isWide }, column) => (
                <td key={head} class={classOf(isNumber, isWide)}>
                  {column === 0 && onPick !== undefined ? (
                    <button type="button" class="link" onClick={() => onPick(row)}>
                      {cell(row)}
                    </button>
                  ) : (
                    cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
          {to < rows.length && (
            <tr class="gap" style={{ height: `${(rows.length - to) * ROW_PX}px` }} />
          )}
        </tbody>
      </table>
    </section>
  );
}

function classOf(isNumber = false, isWide = false): string {
  return `${isNumber ? "num" : ""} ${isWide ? "wide" : ""}`.trim();
}
