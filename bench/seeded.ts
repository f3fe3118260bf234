import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Children } from "../src/cli/children.ts";
import { median, type Page } from "./page.ts";

/**
 * A benchmark whose round is repeated for seeds. In the full form each round is kept in `build/bench` until the filter
 * changes, so that a long run can be made in pieces: `--full --seed N` measures one seed, `--full` what is still missing; both
 * print the page of all that is there. A round with a run that measured the load and not the mesh is neither kept nor shown.
 */
export interface SeededBench<Run> {
  readonly name: string;
  readonly seeds: { readonly short: readonly number[]; readonly full: readonly number[] };
  /** What is measured on every seed; peers in the full form on the first `PEER_SEEDS` only. */
  readonly own: readonly string[];
  readonly peers: { readonly short: readonly string[]; readonly full: readonly string[] };
  /** What it gives is kept as JSON: finite numbers only. */
  round(children: Children, plan: RoundPlan): Promise<Run[]>;
  /** Why a run measured the load and not the mesh; undefined: it did not. */
  voidReason(run: Run): string | undefined;
  page(runs: readonly Run[], form: { seeds: string; isFull: boolean }): Page;
}

export interface RoundPlan {
  readonly seed: number;
  readonly variants: readonly string[];
  readonly isFull: boolean;
}

export interface BenchOptions {
  readonly isFull: boolean;
  /** Of the full form: measure this one only. */
  readonly seed?: number;
  /** Of the full form of what keeps its rounds: begin none after so long. */
  readonly minutes?: number;
}

/** A peer's figures are far from ours or vary little; what takes the time is ours on every seed. */
const PEER_SEEDS = 1;

const root = fileURLToPath(new URL("../..", import.meta.url));

export async function benchSeeds<Run extends { readonly variant: string }>(
  bench: SeededBench<Run>,
  children: Children,
  { isFull, seed: only }: BenchOptions,
): Promise<Page> {
  const all = isFull ? bench.seeds.full : bench.seeds.short;
  if (only !== undefined && !all.includes(only))
    throw new Error(`${bench.name} has the seeds ${all.join(", ")}, not ${only}`);
  const rounds = new Map<number, readonly Run[]>();
  for (const [index, seed] of all.entries()) {
    const kept = isFull ? validRound(bench, seed, readRound<Run>(bench.name, seed)) : undefined;
    if (kept !== undefined) rounds.set(seed, kept);
    if (kept !== undefined || (only !== undefined && only !== seed)) continue;
    const variants = variantsAt(bench, { isFull, index });
    const round = await bench.round(children, { seed, variants, isFull });
    const valid = validRound(bench, seed, round);
    if (isFull && valid !== undefined) keepRound(bench.name, seed, valid);
    // The short form has one seed: its page says how late the load was.
    if (!isFull || valid !== undefined) rounds.set(seed, round);
  }
  if (rounds.size === 0) throw new Error(`${bench.name}: no seed is left that measured the mesh`);
  const seeds = [...rounds.keys()];
  const peersOn = isFull ? `; peers on ${all.slice(0, PEER_SEEDS).join(", ")}` : "";
  const shown = seeds.length > 1 ? "; medians, the worst seed in brackets" : "";
  const text = `seeds ${seeds.join(", ")}${peersOn}${shown}`;
  return bench.page([...rounds.values()].flat(), { seeds: text, isFull });
}

/** Itself, or undefined if a run of it is void, which is said on stderr. */
export function validRound<Run extends { readonly variant: string }>(
  { name, voidReason }: Pick<SeededBench<Run>, "name" | "voidReason">,
  seed: number,
  round: readonly Run[] | undefined,
): readonly Run[] | undefined {
  const reasons = (round ?? []).flatMap((run) => {
    const reason = voidReason(run);
    return reason === undefined ? [] : [`${run.variant}: ${reason}`];
  });
  if (reasons.length === 0) return round;
  process.stderr.write(`${name}: seed ${seed} is not kept: ${reasons.join("; ")}\n`);
  return undefined;
}

function variantsAt<Run>(
  { own, peers }: SeededBench<Run>,
  { isFull, index }: { isFull: boolean; index: number },
): readonly string[] {
  if (!isFull) return [...own, ...peers.short];
  return index < PEER_SEEDS ? [...own, ...peers.full] : own;
}

/** In the order in which they were measured first. */
export function variantsOf(runs: readonly { readonly variant: string }[]): readonly string[] {
  return [...new Set(runs.map(({ variant }) => variant))];
}

/** `1.004`, and with more than one value the worst of them: `1.004 (0.998)`. */
export function withWorst(
  values: readonly number[],
  show: (value: number) => string,
  better: "more" | "less",
): string {
  const worst = better === "more" ? Math.min(...values) : Math.max(...values);
  return values.length > 1 ? `${show(median(values))} (${show(worst)})` : show(median(values));
}

function fileOf(name: string, seed: number): string {
  return join(root, "build/bench", `${name}-${seed}.json`);
}

function filterDigest(): string {
  return createHash("sha256")
    .update(readFileSync(join(root, "build/filter.wasm")))
    .digest("hex");
}

function keepRound(name: string, seed: number, runs: unknown): void {
  mkdirSync(join(root, "build/bench"), { recursive: true });
  writeFileSync(fileOf(name, seed), JSON.stringify({ filter: filterDigest(), runs }));
}

function readRound<Run>(name: string, seed: number): Run[] | undefined {
  try {
    const kept: { filter: string; runs: Run[] } = JSON.parse(
      readFileSync(fileOf(name, seed), "utf8"),
    );
    return kept.filter === filterDigest() ? kept.runs : undefined;
  } catch {
    return undefined;
  }
}
