import { once } from "node:events";
import { cpus } from "node:os";
import { PerformanceObserver } from "node:perf_hooks";
import type { Children } from "../src/cli/children.ts";
import { directListener } from "../src/cli/demo/peers.ts";
import { runLoad } from "../src/cli/demo/run.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { startEnvoy } from "../src/cli/envoy-process.ts";
import { startMesh } from "./mesh.ts";
import { staticBootstrap } from "./overhead.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import type { UnaryLoadOrder, UnaryLoadReport } from "./unary-load.ts";

/**
 * What a global rate limit costs: the service alone, asked open loop for 10,000 tenants at the rate of the goal; and whole
 * requests through one Envoy to another that answers by itself, over a route without a limit, with a local one and with
 * a global one that never refuses; the first and the last also at the rate of the goal, where everything here, load and both
 * Envoys with it, shares the machine's cores. All interleaved.
 */
const ASKED_RPS = 5000;
const TENANTS = 10_000;
const RPS = 1000;
const SEED = 501;
const SECONDS = 1;
const DEADLINE_MS = 200;
const GOAL_MS = 2;
/** Of what is offered, by which a limit may lower what is answered in time. */
const SERVED_MARGIN = 0.01;
/** Opens the connections. */
const WARM_UP = { seconds: 0.5, rps: RPS };

interface Variant {
  readonly limit: "no limit" | "local" | "global";
  readonly rps: number;
}

const VARIANTS: readonly Variant[] = [
  { limit: "no limit", rps: RPS },
  { limit: "local", rps: RPS },
  { limit: "global", rps: RPS },
  { limit: "no limit", rps: ASKED_RPS },
  { limit: "global", rps: ASKED_RPS },
];

/** Nothing is shed here, however the machine stutters. */
const SHEDDING = "  limit: {min: 10000, max: 10000, initial: 10000}\n  tiers: [{name: all}]\n";

const limited = (scope: "local" | "global") => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${scope}}
spec:
  parentRefs: [{name: edge}]
  rules:
    - matches: [{headers: [{name: x-variant, value: ${scope}}]}]
      backendRefs: [{name: shop}]
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: ${scope}, owner: bench}
spec:
  target: {route: ${scope}}
  rate: 9999999/s
  burst: 9999999
  per: [{header: x-tenant}]
  scope: ${scope}${scope === "global" ? "\n  onUnavailable: allow" : ""}
`;

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly latenessP99Ms: number;
  /** Of what was offered, within the deadline. */
  readonly servedRatio: number;
  /** Of all cores of the machine. */
  readonly busyRatio: number;
}

type Asked = UnaryLoadReport & {
  readonly cpuUs: number;
  /** Of the garbage collector, a second; a question that comes in one waits for its end. */
  readonly pausesMs: number;
  readonly longestPauseMs: number;
};

export async function benchRateLimit(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const rounds = isFull ? 20 : 2;
  const upstream = await startEnvoy(children, {
    binary: await envoyPath(),
    folder: temporaryFolder(),
    name: "upstream",
    concurrency: 1,
    bootstrap: staticBootstrap([directListener("direct", [])]),
  });
  const { plane, envoy } = await startMesh(children, {
    servicePort: await upstream.listenerPort("direct"),
    shedding: SHEDDING,
    documents: `${limited("local")}${limited("global")}`,
    concurrency: 2,
  });
  const port = await envoy.listenerPort("edge_0");
  const service: Asked[] = [];
  const results = new Map<Variant, Round[]>(VARIANTS.map((variant) => [variant, []]));
  for (let round = -1; round < rounds; round++) {
    const seed = SEED + round;
    const asked = await ask(children, { port: plane.ports.rateLimit, seed });
    if (round >= 0) service.push(asked);
    for (const variant of VARIANTS) {
      const result = await measure(children, { port, variant, seed });
      if (round >= 0) results.get(variant)?.push(result);
    }
  }
  await plane.stop();
  return page(service, results);
}

async function ask(
  children: Children,
  { port, seed }: { port: number; seed: number },
): Promise<Asked> {
  const child = children.forkModule("../../bench/unary-load.js");
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const pauses: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  child.send({
    port,
    seed,
    rps: ASKED_RPS,
    seconds: SECONDS,
    limit: "global",
    tenants: TENANTS,
  } satisfies UnaryLoadOrder);
  const [report] = (await once(child, "message")) as [UnaryLoadReport];
  const { user, system } = process.cpuUsage(cpu);
  observer.disconnect();
  const seconds = (performance.now() - startMs) / 1000;
  if (report.failed > 0)
    throw new Error(`${report.failed} of ${report.asked} were not answered OK`);
  return {
    ...report,
    cpuUs: (user + system) / report.asked,
    pausesMs: pauses.reduce((sum, each) => sum + each, 0) / seconds,
    longestPauseMs: Math.max(0, ...pauses),
  };
}

async function measure(
  children: Children,
  { port, variant, seed }: { port: number; variant: Variant; seed: number },
): Promise<Round> {
  const { limit, rps } = variant;
  const before = coreTimes();
  const { phases, latenessP99Ms } = await runLoad(children, {
    port,
    phases: [WARM_UP, { seconds: SECONDS, rps }],
    tiers: [{ name: "all", share: 1, headers: { "x-variant": limit, "x-tenant": "acme" } }],
    seed,
    deadlineMs: DEADLINE_MS,
  });
  const after = coreTimes();
  const all = phases[1]?.[0];
  if (all === undefined || all.failed > 0)
    throw new Error(`${limit}: requests failed: ${JSON.stringify(all)}`);
  return {
    // Times of what was in time; with nothing in time there is none.
    p50Ms: all.p50Ms ?? Number.POSITIVE_INFINITY,
    p99Ms: all.p99Ms ?? Number.POSITIVE_INFINITY,
    latenessP99Ms,
    servedRatio: all.served / all.offered,
    busyRatio: 1 - (after.idle - before.idle) / (after.all - before.all),
  };
}

/** Ms since the machine started, all cores together. */
function coreTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const sum = (of: (each: (typeof times)[number]) => number) =>
    times.reduce((total, each) => total + of(each), 0);
  return {
    idle: sum(({ idle }) => idle),
    all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
  };
}

function page(service: readonly Asked[], results: ReadonlyMap<Variant, readonly Round[]>): Page {
  const asked = (field: keyof Asked) => median(service.map((round) => round[field]));
  const of = (variant: Variant, field: keyof Round) =>
    median((results.get(variant) ?? []).map((round) => round[field]));
  const at = (limit: Variant["limit"], rps: number): Variant => {
    const found = VARIANTS.find((each) => each.limit === limit && each.rps === rps);
    if (found === undefined) throw new Error(`invariant: ${limit} is measured at ${rps} rps`);
    return found;
  };
  const addedTo = (variant: Variant) =>
    of(variant, "p99Ms") - of(at("no limit", variant.rps), "p99Ms");
  const added = addedTo(at("global", RPS));
  const fast = at("global", ASKED_RPS);
  const addedFast = addedTo(fast);
  const plain = at("no limit", ASKED_RPS);
  // Where both are at the deadline, p99 says nothing.
  const fallsShort = of(fast, "servedRatio") < of(plain, "servedRatio") - SERVED_MARGIN;
  return {
    setup: [
      `medians of ${service.length} interleaved rounds of ${SECONDS} s after one to warm up; open-loop Poisson loads, each a process of its own; seeds from ${SEED}`,
      `the service alone: ${ASKED_RPS} questions a second for ${TENANTS} tenants over one connection, in the process that also runs the control plane`,
      `through Envoy: ${RPS} and ${ASKED_RPS} requests a second, two workers with the shedding filter, before another Envoy that answers at once; all on the same cores`,
    ],
    table: [
      ["", "p50", "p99", "p99 added", "load late p99", "served", "cores busy"],
      [
        `service alone, ${ASKED_RPS} rps`,
        ...[ms(asked("p50Ms")), ms(asked("p99Ms")), "", ms(asked("latenessP99Ms")), "", ""],
      ],
      ...VARIANTS.map((variant) => [
        `Envoy, ${variant.limit}, ${variant.rps} rps`,
        ms(of(variant, "p50Ms")),
        ms(of(variant, "p99Ms")),
        ms(addedTo(variant)),
        ms(of(variant, "latenessP99Ms")),
        percent(of(variant, "servedRatio")),
        percent(of(variant, "busyRatio")),
      ]),
    ],
    findings: [
      `an answer at ${ASKED_RPS} questions a second takes ${ms(asked("p99Ms"))} at p99 (goal <= ${GOAL_MS}): ${verdict(asked("p99Ms") <= GOAL_MS)}`,
      `a question costs the control plane ${asked("cpuUs").toFixed(0)} us of CPU; its garbage collector stops it for ${ms(asked("pausesMs"))} a second, ${ms(asked("longestPauseMs"))} at once, and what is asked then waits: above 10 ms a second that is p99`,
      `a global limit adds ${ms(added)} to p99 of a request through Envoy at ${RPS} requests a second (goal <= ${GOAL_MS}): ${verdict(added <= GOAL_MS)}`,
      `and ${ms(addedFast)} at ${ASKED_RPS} (goal <= ${GOAL_MS}): ${verdict(addedFast <= GOAL_MS && !fallsShort)}; ${percent(of(fast, "servedRatio"))} are answered within ${DEADLINE_MS} ms, the cores are ${percent(of(fast, "busyRatio"))} busy, and ${percent(of(plain, "busyRatio"))} without a limit, where ${percent(of(plain, "servedRatio"))} are: load, two Envoys and the control plane share them`,
      "what a load is late by is what the machine adds to any p99 here: a process that is due waits for a core",
    ],
  };
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(0)} %`;
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ms` : `> ${DEADLINE_MS} ms`;
}
