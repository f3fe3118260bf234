/**
 * Reads a row of a scenario file:
 *   name | rig | load | counted from | expected
 *   step to 5x | c16 r20 det w2 | 0.5@0 5@3 end@15 | 3 | good>=0.95 tier0>=0.995
 * Rig words: cN slots, rN service ms, det or exp, wN workers, initN, minN, maxN, tN,N,N tier shares in
 * percent, dN deadline ms, kN-N tick ms. Load words, each with the second it holds from: `0.5@0` times
 * the first capacity, `slots=4@3`, `service=80@3`, `end@15`.
 * Expected: good (answered in time over capacity), shed (share shed of the offered), tierN (share of
 * tier N answered in time), p99 ms, top99 (of the first tier) ms, least and most (the limit over the whole run).
 */
import type { Change, Result, Setup } from "./rig.ts";

export interface Bound {
  readonly figure: string;
  readonly isLeast: boolean;
  readonly value: number;
}

export interface Scenario {
  readonly name: string;
  readonly setup: Omit<Setup, "seed">;
  readonly bounds: readonly Bound[];
}

export function parseScenarios(text: string): Scenario[] {
  const rows = text.split("\n").filter((row) => row.trim() !== "" && !row.startsWith("#"));
  return rows.map(parseRow);
}

function parseRow(row: string): Scenario {
  const cells = row.split("|").map((cell) => cell.trim());
  if (cells.length !== 5) throw new Error(`a row has 5 cells, this one ${cells.length}: ${row}`);
  const [name, rig, load, from, expected] = cells as [string, string, string, string, string];
  const changes = parseLoad(load);
  const end = /end@([\d.]+)/.exec(load);
  if (end === null) throw new Error(`no end in: ${row}`);
  const setup = {
    ...parseRig(rig),
    changes,
    fromMs: Number(from) * 1000,
    endMs: Number(end[1]) * 1000,
  };
  return { name, setup, bounds: expected.split(/\s+/).map(parseBound) };
}

function parseRig(text: string): Omit<Setup, "seed" | "changes" | "fromMs" | "endMs"> {
  const number = (key: string, otherwise: number): number => {
    const found = new RegExp(`(?:^|\\s)${key}([\\d.]+)(?:\\s|$)`).exec(text);
    return found === null ? otherwise : Number(found[1]);
  };
  const tiers = /(?:^|\s)t([\d,]+)/.exec(text)?.[1] ?? "10,30,60";
  const tick = /(?:^|\s)k(\d+)-(\d+)/.exec(text);
  return {
    workers: number("w", 2),
    slots: number("c", 16),
    serviceMs: number("r", 20),
    service: /(?:^|\s)exp/.test(text) ? "exp" : "det",
    initial: number("init", 16),
    min: number("min", 1),
    max: number("max", 1000),
    tiers: tiers.split(",").map((percent) => Number(percent) / 100),
    deadlineMs: number("d", 500),
    tickMs: tick === null ? [50, 100] : [Number(tick[1]), Number(tick[2])],
  };
}

function parseLoad(text: string): Change[] {
  const changes: Change[] = [];
  for (const word of text.split(/\s+/)) {
    const found = /^(?:(slots|service|end)[=]?)?([\d.]*)@([\d.]+)$/.exec(word);
    if (found === null) throw new Error(`not a load word: ${word}`);
    const [, key, value, second] = found;
    const atMs = Number(second) * 1000;
    if (key === "slots") changes.push({ atMs, slots: Number(value) });
    else if (key === "service") changes.push({ atMs, serviceMs: Number(value) });
    else if (key === undefined) changes.push({ atMs, load: Number(value) });
  }
  return changes;
}

function parseBound(text: string): Bound {
  const found = /^(good|shed|tier\d|p99|top99|least|most)(>=|<=)([\d.]+)$/.exec(text);
  if (found === null) throw new Error(`not a bound: ${text}`);
  return { figure: found[1]!, isLeast: found[2] === ">=", value: Number(found[3]) };
}

/** One figure over several runs: counts are pooled, the limit's extremes are the outermost. */
export function figureOf(results: readonly Result[], figure: string): number {
  const sum = (pick: (result: Result) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const ofTiers = (key: "offered" | "shed" | "good"): number =>
    sum((result) => result.tiers.reduce((total, tier) => total + tier[key], 0));
  if (figure === "good") return sum((result) => result.good) / sum((result) => result.capacity);
  if (figure === "shed") return ofTiers("shed") / ofTiers("offered");
  if (figure === "least") return Math.min(...results.map((result) => result.leastLimit));
  if (figure === "most") return Math.max(...results.map((result) => result.greatestLimit));
  const p99 = (rttsMs: readonly number[]) => rttsMs[Math.floor(rttsMs.length * 0.99)] ?? 0;
  if (figure === "p99") return sum((result) => p99(result.rttsMs)) / results.length;
  if (figure === "top99") return sum((result) => p99(result.topRttsMs)) / results.length;
  const tier = Number(figure.slice(4));
  return (
    sum((r) => r.tiers[tier]!.good) /
    sum((r) => r.tiers[tier]!.good + r.tiers[tier]!.shed + r.tiers[tier]!.lost)
  );
}
