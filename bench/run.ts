import { cpus } from "node:os";
import { Children } from "../src/cli/children.ts";
import { benchCapacity } from "./capacity.ts";
import { benchDeadlines } from "./deadlines.ts";
import { benchDecisions } from "./decisions.ts";
import { benchFleet } from "./fleet.ts";
import { benchLaw } from "./law.ts";
import { benchLevels } from "./levels.ts";
import { benchOverhead } from "./overhead.ts";
import { benchOverload } from "./overload.ts";
import { writePage } from "./page.ts";
import { benchPush } from "./push.ts";
import { benchRateLimit } from "./ratelimit.ts";
import { benchSteadiness } from "./steadiness.ts";
import { benchStorm } from "./storm.ts";
import { benchTenants } from "./tenants.ts";

/**
 * `npm run bench [-- NAME] [-- --full]`: prints a table per benchmark and writes it to `docs/benchmarks/NAME.md`. Peers run
 * interleaved in the same run; ratios count, absolute times of this machine do not.
 */
const BENCHES = {
  law: benchLaw,
  overhead: benchOverhead,
  overload: benchOverload,
  levels: benchLevels,
  capacity: benchCapacity,
  storm: benchStorm,
  tenants: benchTenants,
  deadlines: benchDeadlines,
  steadiness: benchSteadiness,
  push: benchPush,
  ratelimit: benchRateLimit,
  fleet: benchFleet,
  decisions: benchDecisions,
} as const;

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isFull = process.argv.includes("--full");
const unknown = names.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}

const children = new Children();
process.once("SIGINT", () => void children.stop().then(() => process.exit(130)));
const machine = `${cpus().length} cores, Node ${process.versions.node}, Envoy 1.40.0${isFull ? ", full" : ", short form"}`;
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  try {
    const page = await bench(children, { isFull });
    process.stdout.write(`\n${writePage(name, machine, page)}\n`);
  } finally {
    await children.stop();
  }
}
