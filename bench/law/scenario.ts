/**
 * Reads a row of a scenario file:
 *   name | rig | load | counted from | expected | goals
 *   step to 5x | c16 r20 det w2 | 0.5@0 5@3 end@15 | 3 | good>=0.95 tier0>=0.995 | good>=0.985
 * Rig words: cN slots, rN service ms; det, exp or cvN (lognormal) service times; wN workers, initN, minN,
 * maxN, tN,N,N tier shares in percent, kN-N tick ms; dN deadline ms, or dN-N, drawn for each request and told
 * to the law; dearN a dear request takes N times as long; uN,N tenants, and how many times as much as another the
 * first asks; aN tries of a request, `final`: a refusal is not tried again, `blind`: the law is not told which try it is.
 * Load words, each with the second it holds from: `0.5@0` times the first capacity, `slots=4@3`,
 * `service=80@3`, `dear=0.4@3` share of dear requests, `end@15`.
 * Expected, of any seeds, and goals: bounds of figures of `figures.ts`. The last cell may be left out.
 */
import { isFigure } from "./figures.ts";
import type { Change, Setup } from "./setup.ts";

export interface Bound {
  readonly figure: string;
  readonly isLeast: boolean;
  readonly value: number;
}

export interface Scenario {
  readonly name: string;
  readonly setup: Omit<Setup, "seed">;
  readonly bounds: readonly Bound[];
  readonly goals: readonly Bound[];
}

export function parseScenarios(text: string): Scenario[] {
  const rows = text.split("\n").filter((row) => row.trim() !== "" && !row.startsWith("#"));
  return rows.map(parseRow);
}

export function isMet({ isLeast, value }: Bound, found: number): boolean {
  return isLeast ? found >= value : found <= value;
}

function parseRow(row: string): Scenario {
  const cells = row.split("|").map((cell) => cell.trim());
  if (cells.length < 5 || cells.length > 6) throw new Error(`a row has 5 or 6 cells: ${row}`);
  const [name = "", rig = "", load = "", from, expected = "", goals = ""] = cells;
  const end = /end@([\d.]+)/.exec(load);
  if (end === null) throw new Error(`no end in: ${row}`);
  const setup = {
    ...parseRig(rig),
    changes: parseLoad(load),
    fromMs: Number(from) * 1000,
    endMs: Number(end[1]) * 1000,
  };
  return { name, setup, bounds: parseBounds(expected), goals: parseBounds(goals) };
}

function parseRig(text: string): Omit<Setup, "seed" | "changes" | "fromMs" | "endMs"> {
  const words = text.split(/\s+/);
  const numbers = (key: string, otherwise: readonly number[]): readonly number[] => {
    const word = words.find((each) => each.startsWith(key) && /^\d/.test(each.slice(key.length)));
    return word?.slice(key.length).split(/[,-]/).map(Number) ?? otherwise;
  };
  const number = (key: string, otherwise: number): number => numbers(key, [otherwise])[0]!;
  const [least = 0, most = least] = numbers("d", [500]);
  const [tenants = 0, heavyTimes = 1] = numbers("u", []);
  const [soonest = 0, latest = soonest] = numbers("k", [50, 100]);
  return {
    workers: number("w", 2),
    slots: number("c", 16),
    serviceMs: number("r", 20),
    variation: number("cv", words.includes("exp") ? 1 : 0),
    dearTimes: number("dear", 1),
    initial: number("init", 16),
    min: number("min", 1),
    max: number("max", 1000),
    tiers: numbers("t", [10, 30, 60]).map((percent) => percent / 100),
    deadlineMs: [least, most],
    tellsDeadline: most > least,
    tenants,
    heavyTimes,
    attempts: number("a", 1),
    retriesRefusals: !words.includes("final"),
    tellsAttempt: !words.includes("blind"),
    tickMs: [soonest, latest],
  };
}

const KNOBS = { slots: "slots", service: "serviceMs", dear: "dear" } as const;

function parseLoad(text: string): Change[] {
  return text.split(/\s+/).flatMap((word): Change[] => {
    const found = /^(?:(slots|service|dear|end)=?)?([\d.]*)@([\d.]+)$/.exec(word);
    if (found === null) throw new Error(`not a load word: ${word}`);
    const [, key, value, second] = found;
    if (key === "end") return [];
    const knob = KNOBS[key as keyof typeof KNOBS] ?? "load";
    return [{ atMs: Number(second) * 1000, [knob]: Number(value) }];
  });
}

function parseBounds(text: string): Bound[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words.map((word) => {
    const found = /^(\w+)(>=|<=)([\d.]+)$/.exec(word);
    if (found === null || !isFigure(found[1]!)) throw new Error(`not a bound: ${word}`);
    return { figure: found[1]!, isLeast: found[2] === ">=", value: Number(found[3]) };
  });
}
