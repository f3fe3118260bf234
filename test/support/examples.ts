import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

/**
 * The intent of an example for a test: the same text with the ports that are free here and, so that a test does not take
 * an hour, every duration divided by one factor. Thresholds and logic stay.
 */
export const TIME_FACTOR = Number(process.env.QMESH_TIME_FACTOR ?? 10);

/** How a title says it. */
export const DIVIDED =
  TIME_FACTOR === 1 ? "as it is written" : `its durations divided by ${TIME_FACTOR}`;

/** Seconds until a test gives up on what takes `seconds` as the example is written; Envoy itself needs its own. */
export function patience(seconds: number): number {
  return 20 + seconds / TIME_FACTOR;
}

export function exampleIntent(name: string, ports: Readonly<Record<string, number>>): string {
  const folder = join(projectRoot, "examples", name);
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"));
  const text = Object.entries(ports).reduce(
    (intent, [from, to]) => intent.replaceAll(from, String(to)),
    texts.join("\n---\n"),
  );
  return divideDurations(text, TIME_FACTOR);
}

/** `2m`, `30s`, `1h`, `90m` as values of keys or in quotes; the objective's own window of days stays. */
function divideDurations(text: string, factor: number): string {
  return text.replaceAll(
    /(?<=[ "])(\d+)(s|m|h)(?=[,}"\n ])/g,
    (_, digits: string, unit: string) => {
      const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
      return `${Math.max(1, Math.round(seconds / factor))}s`;
    },
  );
}
