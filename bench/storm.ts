import type { Children } from "../src/cli/children.ts";
import { percent } from "../src/cli/demo/figure.ts";
import { callerListener, peerCluster } from "../src/cli/demo/peers.ts";
import { capacityRps, TIERS } from "../src/cli/demo/plan.ts";
import { latenessReason } from "../src/cli/demo/results.ts";
import { runLoad } from "../src/cli/demo/run.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { type EnvoyProcess, startEnvoy } from "../src/cli/envoy-process.ts";
import { staticBootstrap } from "./overhead.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { INTERVAL_MS, type Interval, recoverySeconds, toInterval } from "./recovery.ts";
import { ADAPTIVE, FILTER_OFF, OURS, type Rig, startRig } from "./rig.ts";
import { type RoundPlan, type SeededBench, variantsOf, withWorst } from "./seeded.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * A retry storm: a second Envoy calls through the first, with up to four attempts of 250 ms each, while the service
 * falls from 16 slots to 3 for 5 s. How soon all is served again once the slots are back, and how many attempts a
 * request took; with the header that counts attempts and without.
 */
const SLOTS = 16;
const FEW_SLOTS = 3;
const SLOT_MS = 20;
const LOAD = 0.75;
const ATTEMPTS = 4;
const DEADLINE_MS = 1000;
const [CALM_S, FEW_S, AFTER_S] = [4, 5, 8];
const WHOLE_S = CALM_S + FEW_S + AFTER_S;
const PER_SECOND = 1000 / INTERVAL_MS;

const UNCOUNTED = `${OURS}, attempts not counted`;
const PEERS = { ...FILTER_OFF, ...ADAPTIVE };
const OWN = [OURS, UNCOUNTED];
const VARIANTS = [...OWN, ...Object.keys(PEERS)];

interface Run {
  readonly variant: string;
  readonly attempts: number;
  readonly few: readonly Interval[];
  readonly after: readonly Interval[];
  readonly lateMs: number;
}

export const storm: SeededBench<Run> = {
  name: "storm",
  seeds: { short: [701], full: [701, 702, 703, 704, 705, 706, 707, 708, 709, 710] },
  own: OWN,
  peers: { short: Object.keys(FILTER_OFF), full: Object.keys(PEERS) },
  round,
  voidReason: ({ lateMs }) => latenessReason(lateMs),
  page,
};

/** Seconds from the moment the slots are back. */
const recovery = ({ after }: Run) => recoverySeconds(after, Number.POSITIVE_INFINITY);
const attempts = (run: Run) => run.attempts;
/** Served over offered while the slots are few. */
const during = ({ few }: Run) => sum(few, "served") / sum(few, "offered");

const seconds = (value: number) => (Number.isFinite(value) ? `${value.toFixed(1)} s` : "never");

function page(runs: readonly Run[], { seeds }: { seeds: string }): Page {
  const of = (variant: string) => runs.filter((run) => run.variant === variant);
  const back = median(of(OURS).map(recovery));
  const tries = median(of(OURS).map(attempts));
  return {
    setup: [
      `${SLOTS} slots of ${SLOT_MS} ms at ${percent(LOAD, 0)} for ${CALM_S} s, ${FEW_SLOTS} slots for ${FEW_S} s, ${SLOTS} for ${AFTER_S} s; a calling Envoy makes up to ${ATTEMPTS} attempts of 250 ms after 5xx or reset; 2 workers each`,
      "recovered: seconds from the slots' return until 95 % of the requests are answered, in the next half second and in all that follows",
      `${seeds}; load sent at most ${Math.max(...runs.map((run) => run.lateMs))} ms late (p99)`,
    ],
    table: [
      ["", "recovered", "attempts per request", "served during"],
      ...variantsOf(runs).map((variant) => [
        variant,
        withWorst(of(variant).map(recovery), seconds, "less"),
        withWorst(of(variant).map(attempts), (value) => value.toFixed(3), "less"),
        withWorst(of(variant).map(during), (value) => percent(value, 1), "more"),
      ]),
    ],
    findings: [
      `recovered after ${seconds(back)} (goal <= 1): ${verdict(back <= 1)}`,
      `attempts per request ${tries.toFixed(3)} (goal <= 1.05): ${verdict(tries <= 1.05)}`,
    ],
  };
}

async function round(children: Children, { seed, variants }: RoundPlan): Promise<Run[]> {
  const rig = await startRig(children, { slots: SLOTS, slotMs: SLOT_MS, peers: PEERS });
  const caller = await startCaller(children, rig);
  const runs: Run[] = [];
  for (const variant of variants) {
    process.stderr.write(`storm: seed ${seed}, ${variant}\n`);
    runs.push(await measure(children, { rig, caller, variant, seed }));
  }
  await rig.stop();
  return runs;
}

/** The Envoy that retries: one listener and one cluster per variant, each to the listener under test. */
async function startCaller(children: Children, rig: Rig): Promise<EnvoyProcess> {
  const clusters = VARIANTS.map(async (variant) =>
    peerCluster(await rig.portOf(variant === UNCOUNTED ? OURS : variant), variant),
  );
  return startEnvoy(children, {
    binary: await envoyPath(),
    folder: temporaryFolder(),
    name: "caller",
    concurrency: 2,
    bootstrap: staticBootstrap(
      VARIANTS.map((name) => callerListener(name, name, name !== UNCOUNTED)),
      await Promise.all(clusters),
    ),
  });
}

async function measure(
  children: Children,
  options: { rig: Rig; caller: EnvoyProcess; variant: string; seed: number },
): Promise<Run> {
  const { rig, caller, variant, seed } = options;
  rig.service.setSlots(SLOTS);
  rig.service.reset();
  const intervals: Interval[] = [];
  const before = await attemptsOf(caller, variant);
  const order = {
    port: await caller.listenerPort(variant),
    phases: [{ seconds: WHOLE_S, rps: LOAD * capacityRps(SLOTS, SLOT_MS) }],
    tiers: TIERS,
    seed,
    deadlineMs: DEADLINE_MS,
    intervalMs: INTERVAL_MS,
  };
  const done = await runLoad(children, order, ({ tiers }) => {
    intervals.push(toInterval(tiers));
    if (intervals.length === CALM_S * PER_SECOND) rig.service.setSlots(FEW_SLOTS);
    if (intervals.length === (CALM_S + FEW_S) * PER_SECOND) rig.service.setSlots(SLOTS);
  });
  const few = intervals.slice(CALM_S * PER_SECOND, (CALM_S + FEW_S) * PER_SECOND);
  const after = intervals.slice((CALM_S + FEW_S) * PER_SECOND, WHOLE_S * PER_SECOND);
  const { offered } = toInterval(done.phases.flat());
  return {
    variant,
    attempts: ((await attemptsOf(caller, variant)) - before) / offered,
    few,
    after,
    lateMs: done.latenessP99Ms,
  };
}

function sum(intervals: readonly Interval[], what: keyof Interval): number {
  return intervals.reduce((all, interval) => all + interval[what], 0);
}

async function attemptsOf({ admin }: EnvoyProcess, cluster: string): Promise<number> {
  const text = await (await fetch(`${admin}/stats`)).text();
  const stat = `cluster.${cluster}.upstream_rq_total: `;
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(stat))
      ?.slice(stat.length) ?? 0,
  );
}
