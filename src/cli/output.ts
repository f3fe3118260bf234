import { stringify } from "yaml";

/** `-o` of the verbs that print data: to stdout, one document. */
export const STRUCTURED_FORMATS = ["json", "yaml"] as const;
export type StructuredFormat = (typeof STRUCTURED_FORMATS)[number];

export function printStructured(value: unknown, format: StructuredFormat): void {
  process.stdout.write(formatStructured(value, format));
}

function formatStructured(value: unknown, format: StructuredFormat): string {
  return format === "json" ? `${JSON.stringify(value, null, 2)}\n` : stringify(value);
}

/** Of a verb that goes on: a line of JSON each, or documents of one YAML stream. */
export function formatOneOfMany(value: unknown, format: StructuredFormat): string {
  return format === "json" ? `${JSON.stringify(value)}\n` : `---\n${stringify(value)}`;
}

/** What a verb prints in the format that was asked for; of one that goes on it is one of many. */
export function asText(
  value: unknown,
  { output, watch = false }: { readonly output: string; readonly watch?: boolean },
  table: () => string,
): string {
  if (output !== "json" && output !== "yaml") return table();
  return watch ? formatOneOfMany(value, output) : formatStructured(value, output);
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
