import { stringify } from "yaml";

/** `-o` of the verbs that print data: to stdout, one document. */
export const STRUCTURED_FORMATS = ["json", "yaml"] as const;
export type StructuredFormat = (typeof STRUCTURED_FORMATS)[number];

export function printStructured(value: unknown, format: StructuredFormat): void {
  process.stdout.write(
    format === "json" ? `${JSON.stringify(value, null, 2)}\n` : stringify(value),
  );
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
