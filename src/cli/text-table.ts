/**
 * Columns of text, two blanks apart, as wide as their widest cell; the last column is not padded. A cell that a node
 * wrote may hold anything: control characters become blanks, so that no one can draw over another's row.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(oneLine));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => (row[column] ?? "").length)),
  );
  return clean
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
