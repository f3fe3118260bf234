import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { figureTable } from "../src/cli/text-table.ts";

/** One benchmark's result, as it is printed and kept. */
export interface Page {
  /** What was set up, seeds included. */
  readonly setup: readonly string[];
  /** First row: heads. */
  readonly table: readonly (readonly string[])[];
  /** What the table shows against the goals. */
  readonly findings: readonly string[];
}

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** Writes `docs/benchmarks/NAME.md`; returns the text for the terminal. */
export function writePage(name: string, machine: string, { setup, table, findings }: Page): string {
  const lines = [
    `# ${name}`,
    `${machine}. Printed by \`npm run bench -- ${name}\`.`,
    "",
    ...setup.map((line) => `- ${line}`),
    "",
    "```",
    ...figureTable(table),
    "```",
    "",
    ...findings.map((line) => (line.startsWith(" ") ? line : `- ${line}`)),
  ];
  writeFileSync(join(projectRoot, "docs/benchmarks", `${name}.md`), `${lines.join("\n")}\n`);
  return lines.join("\n");
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest-rank quantile; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
