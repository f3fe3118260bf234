import { readFileSync } from "node:fs";
import { ms, percent } from "../src/cli/demo/figure.ts";
import { type Law, Rig } from "./law/rig.ts";
import { figureOf, parseScenarios, type Scenario } from "./law/scenario.ts";
import { VARIANTS, type Variant } from "./law/variants.ts";
import type { Page } from "./page.ts";

/**
 * The law against its peers in virtual time, from the same arrivals: every peer at its defaults and at the best of its
 * configurations, chosen on seeds that are not scored. Ours has no choice here; its constants were set on seeds 1001 to
 * 1004 of `test/scenarios/overload`, on other loads.
 */
const TUNING_SEEDS = { short: [1], full: [1, 2, 3] };
const SCORING_SEEDS = {
  short: [5001, 5002],
  full: Array.from({ length: 10 }, (_, index) => 5001 + index),
};
/** A p99 of this counts in tuning as much as losing a whole row. */
const TOLERABLE_P99_MS = 1000;
const HELD_OUT = "held out";

interface Experiment {
  readonly name: string;
  readonly figure: string;
  readonly setup: Scenario["setup"];
}

const experiments = readExperiments();

export async function benchLaw(_children: unknown, { isFull }: { isFull: boolean }): Promise<Page> {
  const length = isFull ? "full" : "short";
  const [tuning, scoring] = [TUNING_SEEDS[length], SCORING_SEEDS[length]];
  const rows = [["quantum mesh", ...score(undefined, scoring)]];
  for (const variant of VARIANTS) {
    process.stderr.write(`law: ${variant.name}\n`);
    const [standard] = variant.configurations;
    rows.push([variant.name, ...score(standard?.make, scoring)]);
    if (variant.configurations.length === 1) continue;
    const best = tune(variant, tuning);
    if (best !== standard) rows.push([`  best: ${best?.label}`, ...score(best?.make, scoring)]);
  }
  return {
    setup: [
      "virtual time, no Envoy: open-loop Poisson load, exponential times of mean 20 ms, tiers 10/30/30/30 %, ours with two workers that tick by themselves",
      `peers tuned on seeds ${tuning.join(", ")} over all rows but the held-out ones, by the mean of what each row loses; all scored on seeds ${scoring.join(", ")}, means`,
      "a peer whose defaults were its best has one row; shed is where nothing need be shed, good is goodput over capacity, critical what is served of the first tier",
      "not modelled: a Cinnamon-like shedder, BBR, mixed costs, tenants (see `tenants.md` on the real Envoy), retries",
    ],
    table: transpose([["", ...experiments.map(({ name }) => name)], ...rows]),
    findings: findings(rows),
  };
}

/** Rows as in the tests' scenarios; of the bound only the figure's name counts here. */
function readExperiments(): Experiment[] {
  const file = new URL("../../bench/law/experiments.txt", import.meta.url);
  return parseScenarios(readFileSync(file, "utf8")).map(({ name, setup, bounds }) => ({
    name,
    setup,
    figure: bounds[0]?.figure ?? "",
  }));
}

function figure(make: (() => Law) | undefined, each: Experiment, seeds: readonly number[]): number {
  // A peer has one limit for the whole Envoy.
  const more = make === undefined ? {} : { makeLaw: make, workers: 1 };
  const results = seeds.map((seed) => new Rig({ ...each.setup, ...more, seed }).run());
  return figureOf(results, each.figure);
}

function score(make: (() => Law) | undefined, seeds: readonly number[]): string[] {
  return experiments.map((each) => {
    const value = figure(make, each, seeds);
    if (each.figure === "p99") return ms(value);
    return each.figure === "shed" ? percent(value, 2) : value.toFixed(3);
  });
}

function tune(
  variant: Variant,
  seeds: readonly number[],
): Variant["configurations"][number] | undefined {
  const rows = experiments.filter(({ name }) => !name.startsWith(HELD_OUT));
  const loss = (make: () => Law) =>
    rows.reduce((sum, each) => {
      const value = figure(make, each, seeds);
      if (each.figure === "p99") return sum + value / TOLERABLE_P99_MS;
      return sum + (each.figure === "shed" ? value : Math.max(0, 1 - value));
    }, 0);
  const losses = variant.configurations.map(({ make }) => loss(make));
  return variant.configurations[losses.indexOf(Math.min(...losses))];
}

function transpose(table: readonly (readonly string[])[]): string[][] {
  return (table[0] ?? []).map((_, column) => table.map((row) => row[column] ?? ""));
}

function findings(rows: readonly (readonly string[])[]): string[] {
  const [ours = [], ...peers] = rows.map((row) => row.slice(1).map(Number.parseFloat));
  const behind = experiments.flatMap(({ name, figure: kind }, index) => {
    const sign = kind === "shed" || kind === "p99" ? -1 : 1;
    // Without any limit nothing is shed and nothing is protected: no peer in a row about either.
    const best = Math.max(...peers.slice(1).map((peer) => sign * (peer[index] ?? Number.NaN)));
    return sign * (ours[index] ?? 0) < best ? [name] : [];
  });
  return [
    `rows in which some peer, at its defaults or tuned, is ahead of ours: ${behind.length} of ${experiments.length}${behind.length > 0 ? ` (${behind.join("; ")})` : ""}`,
    "a tuned peer has one configuration for all rows",
  ];
}
