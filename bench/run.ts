import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Children } from "../src/cli/children.ts";
import { benchApi } from "./api.ts";
import { capacity } from "./capacity.ts";
import { benchDashboard } from "./dashboard.ts";
import { deadlines } from "./deadlines.ts";
import { benchDecisions } from "./decisions.ts";
import { benchFleet } from "./fleet.ts";
import { benchLaw } from "./law.ts";
import { levels } from "./levels.ts";
import { benchOverhead } from "./overhead.ts";
import { overload } from "./overload.ts";
import { type Page, writePage } from "./page.ts";
import { benchPush } from "./push.ts";
import { benchRateLimit } from "./ratelimit.ts";
import { benchReaction } from "./reaction.ts";
import { benchScenarios } from "./scenarios.ts";
import { type BenchOptions, benchSeeds, type SeededBench } from "./seeded.ts";
import { steadiness } from "./steadiness.ts";
import { benchStore } from "./store.ts";
import { storm } from "./storm.ts";
import { tenants } from "./tenants.ts";

/**
 * `npm run bench [-- NAME] [-- --full [--seed N | --minutes M]]`: prints a table per benchmark and writes it to `docs/benchmarks/NAME.md`.
 * Peers run interleaved in the same run; ratios count, absolute times of this machine do not.
 */
type Bench = (children: Children, options: BenchOptions) => Promise<Page>;

const BENCHES: Readonly<Record<string, Bench>> = {
  law: whole(benchLaw),
  overhead: whole(benchOverhead),
  overload: over(overload),
  levels: over(levels),
  capacity: over(capacity),
  storm: over(storm),
  tenants: over(tenants),
  deadlines: over(deadlines),
  steadiness: over(steadiness),
  push: whole(benchPush),
  ratelimit: whole(benchRateLimit),
  fleet: (children, { isFull, minutes }) =>
    benchFleet(children, { isFull, ...(minutes !== undefined && { minutes }) }),
  store: whole(benchStore),
  decisions: whole(benchDecisions),
  api: whole(benchApi),
  dashboard: whole(benchDashboard),
  scenarios: whole(benchScenarios),
  reaction: whole(benchReaction),
};

function over<Run extends { readonly variant: string }>(bench: SeededBench<Run>): Bench {
  return (children, options) => benchSeeds(bench, children, options);
}

/** One that is not repeated for seeds. */
function whole(bench: (children: Children, form: { isFull: boolean }) => Promise<Page>): Bench {
  return (children, { isFull, seed }) => {
    if (seed === undefined) return bench(children, { isFull });
    throw new Error("--seed goes with a benchmark that has seeds");
  };
}

const { values, positionals: names } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    seed: { type: "string" },
    minutes: { type: "string" },
  },
  allowPositionals: true,
});
const { full: isFull } = values;
const unknown = names.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}
if ((values.seed ?? values.minutes) !== undefined && !isFull) {
  process.stderr.write("--seed and --minutes go with --full\n");
  process.exit(2);
}
if (values.minutes !== undefined && names.join() !== "fleet") {
  process.stderr.write("--minutes goes with fleet alone\n");
  process.exit(2);
}

const children = new Children();
process.once("SIGINT", () => void children.stop().then(() => process.exit(130)));
const machine = `${cpus().length} cores, Node ${process.versions.node}, Envoy 1.40.0${isFull ? ", full" : ", short form"}`;
const { seed, minutes } = values;
const options = {
  isFull,
  ...(seed !== undefined && { seed: Number(seed) }),
  ...(minutes !== undefined && { minutes: Number(minutes) }),
};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  try {
    const page = await bench(children, options);
    process.stdout.write(`\n${writePage(name, machine, page)}\n`);
  } finally {
    await children.stop();
  }
}
