import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { buildBootstrap } from "../src/cli/bootstrap.ts";
import type { Children } from "../src/cli/children.ts";
import { directListener, peerCluster, peerListener } from "../src/cli/demo/peers.ts";
import type { ServiceReport } from "../src/cli/demo/service.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { type EnvoyProcess, startEnvoy } from "../src/cli/envoy-process.ts";
import type { JsonObject } from "../src/resources/resource.ts";
import type { ClosedLoopOrder } from "./closed-loop.ts";
import { type Costs, overheadPage } from "./overhead-page.ts";
import { variants } from "./overhead-variants.ts";
import type { Page } from "./page.ts";
import { buildRustPeer } from "./rust-peer.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * CPU a request costs Envoy, over no filter at all: one worker, one listener per variant in the same Envoy, short
 * interleaved rounds, CPU time of all its threads from the kernel's scheduler. Once with direct responses and few streams
 * at a time, once with 400 in flight to a service that takes its time.
 */
interface Series {
  readonly title: string;
  readonly connections: number;
  /** In one round of one variant. */
  readonly requests: number;
  readonly rounds: number;
  readonly listener: (name: string) => string;
}

const SERVICE_MS = 50;
/** As many as come at once. */
const SERVICE_SLOTS = 100_000;

export async function benchOverhead(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const rust = await buildRustPeer();
  const all = variants(rust);
  const service = children.forkModule("./demo/service.js", [
    String(SERVICE_SLOTS),
    String(SERVICE_MS),
  ]);
  const [{ port }] = (await once(service, "message")) as [ServiceReport];
  const envoy = await startEnvoy(children, {
    binary: await envoyPath(),
    folder: temporaryFolder(),
    name: "overhead",
    concurrency: 1,
    bootstrap: staticBootstrap(
      all.flatMap(({ name, filters }) => [
        directListener(name, filters),
        peerListener(liveListener(name), filters),
      ]),
      [peerCluster(port)],
    ),
  });
  const load = children.forkModule("../../bench/closed-loop.js");
  const run = (series: Series, names: readonly string[]) =>
    measure(series, names, (name, order) => costOf(envoy, load, name, order));
  const few: Series = {
    title: "direct responses over 8 connections",
    connections: 8,
    requests: 3000,
    rounds: isFull ? 60 : 12,
    listener: (name) => name,
  };
  const many: Series = {
    title: `400 streams in flight to a service of ${SERVICE_MS} ms`,
    connections: 400,
    requests: 4000,
    rounds: isFull ? 60 : 10,
    listener: liveListener,
  };
  const names = all.map(({ name }) => name);
  const live = all.filter(({ isBounded }) => !isBounded).map(({ name }) => name);
  return overheadPage({
    setup: [few, many].map(
      ({ title, rounds, requests }) =>
        `1 worker, ${title}, ${rounds} interleaved rounds of ${requests} requests`,
    ),
    rust,
    few: await run(few, names),
    many: await run(many, live),
  });
}

function liveListener(name: string): string {
  return `${name}, live`;
}

async function measure(
  { rounds, requests, connections, listener }: Series,
  names: readonly string[],
  cost: (listener: string, order: Omit<ClosedLoopOrder, "port">) => Promise<number>,
): Promise<Costs> {
  const costs = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const name of names) {
      const us = await cost(listener(name), { requests, connections });
      if (round >= 0) costs.get(name)?.push(us);
    }
  }
  return costs;
}

/** Microseconds of Envoy's CPU a request. */
async function costOf(
  envoy: EnvoyProcess,
  load: ReturnType<Children["forkModule"]>,
  listener: string,
  order: Omit<ClosedLoopOrder, "port">,
): Promise<number> {
  const port = await envoy.listenerPort(listener);
  const before = cpuNs(envoy.pid);
  load.send({ ...order, port } satisfies ClosedLoopOrder);
  const [{ failed }] = (await once(load, "message")) as [{ failed: number }];
  if (failed > 0)
    throw new Error(`${listener}: ${failed} of ${order.requests} requests were not answered 200`);
  return (cpuNs(envoy.pid) - before) / order.requests / 1000;
}

/** CPU time of all threads, ns: the first number of each thread's schedstat. */
function cpuNs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) =>
      sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
}

/** Everything static: no control plane, no statistics sent. */
export function staticBootstrap(
  staticListeners: readonly JsonObject[],
  staticClusters: readonly JsonObject[] = [],
): JsonObject {
  const {
    dynamic_resources: _ads,
    stats_sinks: _sinks,
    ...rest
  } = buildBootstrap({
    id: "bench",
    role: { role: "gateway", name: "bench" },
    xds: { host: "127.0.0.1", port: 1 },
    rateLimit: { host: "127.0.0.1", port: 1 },
    admin: { port: 0 },
    staticClusters,
    staticListeners,
  });
  return rest;
}
