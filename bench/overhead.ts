import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBootstrap } from "../src/cli/bootstrap.ts";
import type { Children } from "../src/cli/children.ts";
import { ADAPTIVE_DOCS, adaptiveConcurrency, directListener } from "../src/cli/demo/peers.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { startEnvoy } from "../src/cli/envoy-process.ts";
import { filterWasmPath } from "../src/cli/package-files.ts";
import { buildFilter } from "../src/resources/filter-config.ts";
import type { JsonObject } from "../src/resources/resource.ts";
import type { ClosedLoopOrder } from "./closed-loop.ts";
import { verdict } from "./overload.ts";
import { median, type Page, quantile } from "./page.ts";

/**
 * CPU a request costs Envoy, over no filter at all: one worker, direct responses, one listener per variant in the same
 * Envoy, short interleaved rounds, CPU time of all its threads from the kernel's scheduler. The least disturbed rounds
 * (10th percentile) and the median of the per-round differences are both printed.
 */
const CONNECTIONS = 8;
const REQUESTS = 3000;

export async function benchOverhead(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const rounds = isFull ? 60 : 25;
  const variants: Record<string, readonly JsonObject[]> = {
    "no filter": [],
    "no-op wasm": [noop()],
    "quantum mesh": [ours()],
    adaptive_concurrency: [adaptiveConcurrency(ADAPTIVE_DOCS)],
  };
  const envoy = await startEnvoy(children, {
    binary: await envoyPath(),
    folder: mkdtempSync(join(tmpdir(), "qmesh-bench-")),
    name: "overhead",
    concurrency: 1,
    bootstrap: staticBootstrap(
      Object.entries(variants).map(([name, filters]) => directListener(name, filters)),
    ),
  });
  const load = children.forkModule("../../bench/closed-loop.js");
  const costs = new Map<string, number[]>(Object.keys(variants).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const name of Object.keys(variants)) {
      const port = await envoy.listenerPort(name);
      const before = cpuNs(envoy.pid);
      load.send({ port, requests: REQUESTS, connections: CONNECTIONS } satisfies ClosedLoopOrder);
      const [{ failed }] = (await once(load, "message")) as [{ failed: number }];
      if (failed > 0)
        throw new Error(`${name}: ${failed} of ${REQUESTS} requests were not answered 200`);
      if (round >= 0) costs.get(name)?.push((cpuNs(envoy.pid) - before) / REQUESTS / 1000);
    }
  }
  return page(costs, rounds);
}

function page(costs: ReadonlyMap<string, readonly number[]>, rounds: number): Page {
  const base = costs.get("no filter") ?? [];
  const added = (name: string) => {
    const own = costs.get(name) ?? [];
    return {
      p10: quantile(own, 0.1) - quantile(base, 0.1),
      median: median(own.map((cost, round) => cost - (base[round] ?? 0))),
    };
  };
  const us = (value: number) => `${value.toFixed(2)} us`;
  const [ours, wasm, native] = [
    added("quantum mesh"),
    added("no-op wasm"),
    added("adaptive_concurrency"),
  ];
  return {
    setup: [
      `1 worker, direct responses over ${CONNECTIONS} keep-alive connections, ${rounds} interleaved rounds of ${REQUESTS} requests`,
    ],
    table: [
      ["", "CPU a request p10", "added p10", "added median", "added, ratio to no-op wasm (p10)"],
      ...[...costs].map(([name, own]) => [
        name,
        us(quantile(own, 0.1)),
        us(added(name).p10),
        us(added(name).median),
        (added(name).p10 / wasm.p10).toFixed(2),
      ]),
    ],
    findings: [
      `ours / no-op wasm ${(ours.p10 / wasm.p10).toFixed(2)} by p10, ${(ours.median / wasm.median).toFixed(2)} by median (goal <= 4.5): ${verdict(ours.median / wasm.median <= 4.5)}`,
      `ours / adaptive_concurrency ${(ours.p10 / native.p10).toFixed(2)} by p10, ${(ours.median / native.median).toFixed(2)} by median (goal <= 10): ${verdict(ours.median / native.median <= 10)}`,
      "native code is cheaper than any wasm; what ours buys for it is in `overload.md`",
    ],
  };
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
export function staticBootstrap(listeners: readonly JsonObject[]): JsonObject {
  const {
    dynamic_resources: _ads,
    stats_sinks: _sinks,
    ...rest
  } = buildBootstrap({
    id: "overhead",
    role: { role: "gateway", name: "overhead" },
    xds: { host: "127.0.0.1", port: 1 },
    rateLimit: { host: "127.0.0.1", port: 1 },
    admin: { port: 0 },
    staticListeners: listeners,
  });
  return rest;
}

function ours(): JsonObject {
  const header = (value: string) => [{ headers: [{ name: "x-criticality", value }] }];
  const config = {
    format: 1,
    min_reader: 1,
    scopes: [
      {
        name: "bench",
        mode: "ENFORCE",
        tiers: [
          { name: "critical", matches: header("critical") },
          { name: "default" },
          { name: "sheddable", matches: header("sheddable") },
        ],
        unmatched: 1,
        limit: { min: 4, max: 1000, initial: 16 },
        answer: { status: 429, retry_after: true },
      },
    ],
  };
  const { name, body } = buildFilter(config, filterWasmPath);
  return { name, typed_config: body.typed_config as JsonObject };
}

function noop(): JsonObject {
  const filename = fileURLToPath(new URL("../../build/noop.wasm", import.meta.url));
  return {
    name: "noop",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: "noop",
        root_id: "noop",
        vm_config: {
          vm_id: "noop",
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename } },
        },
      },
    },
  };
}
