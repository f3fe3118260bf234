import { loadavg } from "node:os";
import type { Children } from "../src/cli/children.ts";
import { ms } from "../src/cli/demo/figure.ts";
import { buildPeers, type Contestant, OURS } from "./fleet/contestant.ts";
import { keep, readKept } from "./fleet/kept-rounds.ts";
import { CLUSTERS } from "./fleet/plan.ts";
import { canPin, FLEET_CORE, openFileLimit, SERVER_CORE } from "./fleet/process-usage.ts";
import { type Figures, type RoundPlan, runRound } from "./fleet/round.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";

/**
 * A fleet of simulated Envoys on one xDS server: ours, and go-control-plane's two caches in the same run where there is a
 * Go toolchain. Rounds are interleaved and every round begins with new processes; the table shows medians.
 */
const STREAMS = { short: 1000, full: 10_000 };
const ROUNDS = { short: 1, full: 5 };
const FRONT = { short: 100, full: 1000 };
const CHURN_SECONDS = { short: 10, full: 60 };
const TRIALS = { refusing: 100, stalledShare: 0.01, churnRps: 50 };

/** Besides its streams a process has its control port, its pipes and what Node opens. */
const SPARE_FILES = 200;

export interface Result {
  readonly name: string;
  readonly rounds: readonly Figures[];
}

export async function benchFleet(
  children: Children,
  { isFull, minutes = Number.POSITIVE_INFINITY }: { isFull: boolean; minutes?: number },
): Promise<Page> {
  const endMs = performance.now() + minutes * 60_000;
  const length = isFull ? "full" : "short";
  const streams = Math.min(STREAMS[length], openFileLimit() - SPARE_FILES);
  const peers = buildPeers();
  const contestants = [OURS, ...(peers ?? []).filter(({ name }) => isFull || !/tuned/.test(name))];
  const results = new Map(contestants.map(({ name }): [string, Figures[]] => [name, []]));
  for (let round = 0; round < ROUNDS[length]; round++) {
    for (const contestant of contestants) {
      const { name } = contestant;
      const known = isFull ? readKept(name, round) : undefined;
      if (known === undefined && performance.now() > endMs) continue;
      process.stderr.write(`fleet: round ${round + 1}, ${name}\n`);
      const plan = planOf(contestant, { length, streams, round });
      const figures = known ?? (await runRound(children, contestant, plan));
      if (isFull && known === undefined) keep(name, round, figures);
      results.get(name)?.push(figures);
    }
  }
  const list = [...results].map(([name, rounds]): Result => ({ name, rounds }));
  return fleetPage(list, { streams, wanted: STREAMS[length], hasPeers: peers !== undefined });
}

/**
 * The minute of updates is in the first round only. Peers are compared by what everybody must do: 50 changes a second are a
 * second's work of a core each for a cache that encodes them for every stream, so at 10,000 they do not come to an end.
 */
export function planOf(
  contestant: Contestant,
  { length, streams, round }: { length: "short" | "full"; streams: number; round: number },
): RoundPlan {
  const base = { streams, front: FRONT[length], pushes: 10 };
  if (contestant !== OURS) return base;
  const churnSeconds = round === 0 ? CHURN_SECONDS[length] : 0;
  return { ...base, trials: { ...TRIALS, churnSeconds } };
}

export function fleetPage(
  results: readonly Result[],
  { streams, wanted, hasPeers }: { streams: number; wanted: number; hasPeers: boolean },
): Page {
  const counts = results.map((result) => result.rounds.length);
  const rounds = [...new Set([Math.min(...counts), Math.max(...counts)])].join(" to ");
  return {
    setup: [
      `${streams} simulated Envoys, each with a connection and a delta ADS stream of its own; first request as Envoy 1.40 sends it (61 KB); ${CLUSTERS} clusters, a push changes one`,
      canPin
        ? `server on core ${SERVER_CORE}, fleet on core ${FLEET_CORE}, both loopback; ${rounds} interleaved rounds, medians`
        : `without taskset: server and fleet share the cores; ${rounds} interleaved rounds, medians`,
      "storm: all cut off at once, back with what they hold; NACK: 100 clients refuse every push; updates: 50 pushes a second; peers are not put to these",
      ...(streams < wanted
        ? [
            `the limit of open files allows ${streams} streams instead of ${wanted}: raise ulimit -n`,
          ]
        : []),
      `load average of the machine when this was printed: ${(loadavg()[2] ?? 0).toFixed(1)} over 15 minutes, of which server and fleet are 2: what is above makes all times longer, for all of them`,
      ...(hasPeers ? [] : ["no Go toolchain on PATH: go-control-plane was left out"]),
    ],
    table: [["", ...results.map(({ name }) => name)], ...ROWS.map((row) => cells(row, results))],
    findings: findings(results),
  };
}

interface Row {
  readonly head: string;
  readonly figure: keyof Figures;
  readonly show: (value: number) => string;
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const plain = (value: number): string => value.toFixed(1);
const fine = (value: number): string => `${value.toFixed(2)} ms`;
const whole = (value: number): string => value.toFixed(0);

const ROWS: readonly Row[] = [
  { head: "connect all", figure: "connect", show: ms },
  { head: "cut off meanwhile", figure: "lost", show: whole },
  { head: "connect, CPU each", figure: "connectCpu", show: fine },
  { head: "fan-out p50", figure: "p50", show: ms },
  { head: "fan-out p99", figure: "p99", show: ms },
  { head: "CPU s per million messages", figure: "cpuPerMillion", show: plain },
  { head: "memory per stream", figure: "memory", show: kib },
  { head: "loop lag p99, fan-out", figure: "lag", show: ms },
  { head: "critical p99 in a push to all", figure: "critical", show: ms },
  { head: "NACK: sends per version", figure: "nackSends", show: whole },
  { head: "NACK: others converged", figure: "nackConverged", show: ms },
  { head: "storm, unchanged", figure: "storm", show: ms },
  { head: "storm, per stream", figure: "stormBytes", show: kib },
  { head: "storm, CPU each", figure: "stormCpu", show: fine },
  { head: "p99 before 1 % stall", figure: "unstalledP99", show: ms },
  { head: "p99 with 1 % stalled", figure: "stalledP99", show: ms },
  { head: "updates: messages/s each", figure: "churnRate", show: plain },
  { head: "updates: loop lag p99", figure: "churnLag", show: ms },
  { head: "updates: growth per stream", figure: "churnGrowth", show: kib },
  { head: "updates: versions at the end", figure: "churnVersions", show: whole },
];

function cells({ head, figure, show }: Row, results: readonly Result[]): string[] {
  return [
    head,
    ...results.map((result) => {
      const value = middle(result, figure);
      return Number.isFinite(value) ? show(value) : "-";
    }),
  ];
}

/** Median over the rounds that have the figure; NaN if none has. */
function middle(result: Result | undefined, figure: keyof Figures): number {
  const values = (result?.rounds ?? []).map((round) => round[figure] ?? Number.NaN);
  return median(values.filter((value) => Number.isFinite(value)));
}

function findings(results: readonly Result[]): string[] {
  const ours = (figure: keyof Figures) => middle(results[0], figure);
  const best = (cache: string, figure: keyof Figures) =>
    Math.min(
      ...results.filter(({ name }) => name.includes(cache)).map((peer) => middle(peer, figure)),
    );
  const against = (cache: string, figure: keyof Figures, goal: number) => {
    const ratio = ours(figure) / best(cache, figure);
    return `${figure} against the ${cache} cache, the better of its tunings: ${ratio.toFixed(2)} (goal <= ${goal}): ${verdict(ratio <= goal)}`;
  };
  const within = (head: string, figure: keyof Figures, goal: number) =>
    `${head} ${whole(ours(figure))} (goal <= ${goal}): ${verdict(ours(figure) <= goal)}`;
  const stall = ours("stalledP99") / ours("unstalledP99") - 1;
  const ratios =
    results.length > 1
      ? [
          against("linear", "p99", 0.8),
          against("snapshot", "p99", 0.4),
          against("linear", "cpuPerMillion", 0.7),
          against("linear", "memory", 0.5),
        ]
      : [];
  return [
    within("fan-out p99, ms:", "p99", 500),
    within("loop lag p99, ms:", "lag", 50),
    within("memory per stream, bytes:", "memory", 60 * 1024),
    within("connect all, ms:", "connect", 8000),
    within("storm, ms:", "storm", 8000),
    within("storm, bytes per stream:", "stormBytes", 1024),
    within("critical p99, ms:", "critical", 300),
    `a connection and its first request cost ${fine(ours("connectCpu"))} of the server's core, and one that is cut and comes back ${fine(ours("stormCpu"))}: connecting and storm take that as often as there are streams, most of it in node:http2 and @grpc/grpc-js`,
    within("NACK, sends per version and client:", "nackSends", 1),
    within("NACK, others converged, ms:", "nackConverged", 1000),
    `1 % stalled readers move p99 by ${(stall * 100).toFixed(0)} % (goal <= 10): ${verdict(stall <= 0.1)}`,
    ...ratios,
  ];
}
