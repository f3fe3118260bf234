/**
 * Columns of text, two blanks apart, as wide as their widest cell; the last column is not padded. A cell that a node
 * wrote may hold anything: control characters become blanks, so that no one can draw over another's row.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const lines = alignColumns(
    rows.map((row) => row.map(oneLine)),
    (cell, width) => cell.padEnd(width),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** The same for figures: names in the first column, numbers to the right in the others. One string a row. */
export function figureTable(rows: readonly (readonly string[])[]): string[] {
  return alignColumns(rows, (cell, width, column) =>
    column === 0 ? cell.padEnd(width) : cell.padStart(width),
  );
}

function alignColumns(
  rows: readonly (readonly string[])[],
  pad: (cell: string, width: number, column: number) => string,
): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  );
}

export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
