import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { replayDecisions } from "../../src/cli/replay-decisions.ts";
import { EngineKeeper } from "../../src/control/engine-keeper.ts";
import { SLOW_MS } from "../../src/evidence/evidence.ts";
import { EvidenceLedger } from "../../src/evidence/ledger.ts";
import { Random } from "../law/random.ts";
import { median } from "../page.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Line, note } from "./canary-experiments.ts";
import { engineTrace } from "./engine-trace.ts";
import { largeMesh, READ_EACH, smallMesh } from "./meshes.ts";

const SERVICES = 1000;
const START = 1_800_000_000;
/** Of evidence before the first tick that is timed: enough for every ring but that of hours. */
const PAST_SECONDS = 6 * 3600;
const TICKS = 30;
const GOAL_MS = 100;
const GOAL_REPLAY_SECONDS = 60;
const DAY = 86_400;

/** A thousand services, each with a Policy that reads twenty values: the ledger closed, the engine stepped, the state compared. */
export async function engineTickCost(seed: number): Promise<Line> {
  note("cost of a tick of 1,000 services");
  const policySet = largeMesh(SERVICES);
  const ledger = new EvidenceLedger();
  const random = new Random(seed);
  const before = heapMb();
  fill(ledger, random, PAST_SECONDS);
  const memory = heapMb() - before;
  const journal = { load: async () => undefined, write: async () => undefined };
  const keeper = new EngineKeeper(journal, () => undefined);
  const times: number[] = [];
  for (let at = 0; at < TICKS; at++) {
    const tick = ledger.tick + 1;
    observe(ledger, random);
    const begun = cpuMs();
    ledger.advance(tick);
    await keeper.turn(policySet, ledger.evidence(), tick);
    times.push(cpuMs() - begun);
  }
  const worst = Math.max(...times.slice(5));
  return {
    cells: [
      `a tick of ${SERVICES} services with a Policy of ${READ_EACH} values each, CPU time, median, worst; memory of 6 h of evidence`,
      `<= ${GOAL_MS} ms`,
      `${median(times.slice(5)).toFixed(0)} ms, ${worst.toFixed(0)} ms; ${memory.toFixed(0)} MB`,
      "-",
      "-",
      "-",
    ],
    isMet: median(times.slice(5)) <= GOAL_MS,
  };
}

/** A past without a closing each second, since only its counts matter. */
function fill(ledger: EvidenceLedger, random: Random, seconds: number): void {
  // Every tenth second: the rings are as full, in a tenth of the time.
  for (let at = 0; at < seconds; at += 10) {
    ledger.advance(START + at);
    observe(ledger, random);
  }
  ledger.advance(START + seconds);
}

function observe(ledger: EvidenceLedger, random: Random): void {
  for (let at = 0; at < SERVICES; at++) {
    const requests = 50 + Math.floor(random.next() * 20);
    const slow = SLOW_MS.map((edge) => (edge < 20 ? requests : edge < 200 ? 2 : 0));
    const counts = { requests, errors: Number(random.next() < 0.05), slow, timed: requests };
    ledger.observe({ service: `s${at}`, version: "v1" }, counts);
  }
}

/** A day of five services, a rollout and a Policy from a file, as `qmesh replay` reads it. */
export async function dayReplay(
  seed: number,
  { hours }: { readonly hours: number },
): Promise<Line> {
  note("replay of a day");
  const folder = temporaryFolder();
  const file = join(folder, "day.jsonl");
  const ticks = hours * 3600;
  writeTrace(file, { policySet: smallMesh(5), ticks, seed, rps: 50 });
  const megabytes = statSync(file).size / 1e6;
  const begun = cpuMs();
  const code = await silently(() => replayDecisions([file], { output: "table" }));
  const seconds = (cpuMs() - begun) / 1000;
  const day = (seconds * DAY) / ticks;
  const isEqual = code === 0;
  const measured = hours === 24 ? "" : ` (${seconds.toFixed(1)} s for ${hours} h)`;
  return {
    cells: [
      "replay of a day: 5 services, a rollout, a Policy; CPU time; equal to the byte; size of a day",
      `<= ${GOAL_REPLAY_SECONDS} s`,
      `${day.toFixed(0)} s${measured}; ${isEqual ? "equal" : "NOT equal"}; ${((megabytes * DAY) / ticks).toFixed(0)} MB`,
      "-",
      "-",
      "-",
    ],
    isMet: isEqual && day <= GOAL_REPLAY_SECONDS,
  };
}

function writeTrace(file: string, mesh: Parameters<typeof engineTrace>[0]): void {
  const to = openSync(file, "w");
  let pending = "";
  for (const line of engineTrace(mesh)) {
    pending += `${JSON.stringify(line)}\n`;
    if (pending.length < 1e6) continue;
    writeSync(to, pending);
    pending = "";
  }
  writeSync(to, pending);
  closeSync(to);
}

/** What it prints is no part of the page. */
async function silently(run: () => Promise<number>): Promise<number> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await run();
  } finally {
    process.stdout.write = write;
  }
}

/** Of this process: a machine that is shared does not change it much. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapMb(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}
