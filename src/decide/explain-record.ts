import { describeMove } from "./act/action.ts";
import type { DecisionRecord, RecordBody, Seen, Weighed } from "./record.ts";

/** Nobody reads more at night. */
const MOST_LINES = 25;

interface Context {
  /** Records that name this one as their cause, oldest first. */
  readonly later: readonly DecisionRecord[];
  readonly timeOf: (tick: number) => string;
}

/**
 * A record and what followed from it, in plain language, in at most 25 lines: what was decided, what was seen, how sure,
 * what else was weighed, what the guards said, what would have changed it, what came of it.
 */
export function explainRecord(
  record: DecisionRecord,
  { later, timeOf }: Context,
): readonly string[] {
  const { body } = record;
  const fixed = [
    `${record.id}  ${timeOf(record.tick)}  ${record.subject.kind} ${record.subject.name}`,
    `${capital(body.verdict)}${body.mode === "shadow" ? " (shadow: nothing was changed)" : ""}, by ${record.actor}.`,
  ];
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Because", body.because],
    ["Seen", (body.seen ?? []).map(seenText)],
    ["Believed", believedTexts(body)],
    ["Weighed", (body.weighed ?? []).map(weighedText)],
    ["Traces", body.traces ?? []],
    ["Guards", guardTexts(body)],
    ["Otherwise", body.flip === undefined ? [] : [body.flip]],
    ["Did", body.action === undefined ? [] : [describeMove(body.action.move)]],
    ["Way back", body.wayBack === undefined ? [] : [body.wayBack]],
    ["Then", later.map((each) => `${timeOf(each.tick)} ${laterText(each)}`)],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  const room = MOST_LINES - fixed.length;
  return [...fixed, ...shorten(filled, room)];
}

/** The longest section gives way first; how much was left out is said. */
function shorten(
  sections: readonly (readonly [string, readonly string[]])[],
  room: number,
): readonly string[] {
  const shown = sections.map(([, lines]) => lines.length);
  while (shown.reduce((sum, count) => sum + count, 0) > room) {
    const longest = shown.indexOf(Math.max(...shown));
    shown[longest] = (shown[longest] ?? 0) - 1;
  }
  return sections.flatMap(([title, lines], at) => {
    const count = shown[at] ?? 0;
    const left = lines.length - count;
    const kept = lines.slice(0, count);
    return kept.map((line, index) => {
      const more = left > 0 && index === count - 1 ? ` (and ${left} more)` : "";
      return `${(index === 0 ? title : "").padEnd(10)}${line}${more}`;
    });
  });
}

function seenText({ what, value, threshold, windowSeconds }: Seen): string {
  const over = windowSeconds === undefined ? "" : ` over ${windowSeconds} s`;
  const against = threshold === undefined ? "" : ` (${threshold})`;
  return `${what} = ${show(value)}${over}${against}`;
}

function show(value: Seen["value"]): string {
  if (value === undefined) return "unknown";
  return typeof value === "number" ? `${Number(value.toPrecision(4))}` : `${value}`;
}

function believedTexts({ believed = [] }: RecordBody): string[] {
  const parts = believed.map(
    ({ what, chance }) => `${what} ${Number((100 * chance).toFixed(1))} %`,
  );
  return parts.length === 0 ? [] : [parts.join(", ")];
}

function weighedText({ text, gain, place, why }: Weighed): string {
  const as = place === undefined || place === "nothing" ? "" : `${place}: `;
  return `${as}${text}: ${gainText(gain)}${why}`;
}

function gainText(gain: number | undefined): string {
  return gain === undefined ? "" : `expected gain ${Number(gain.toPrecision(3))}, `;
}

function guardTexts({ guards = [] }: RecordBody): string[] {
  const failed = guards.filter(({ passed }) => !passed);
  const passed = guards.length - failed.length;
  const summary =
    passed > 0
      ? [
          `${passed} passed: ${guards
            .filter((g) => g.passed)
            .map(({ name }) => name)
            .join(", ")}`,
        ]
      : [];
  return [...failed.map(({ name, text }) => `${name} forbids it: ${text}`), ...summary];
}

function laterText({ body, id }: DecisionRecord): string {
  return `${body.verdict}: ${body.because[0] ?? ""} [${id}]`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
