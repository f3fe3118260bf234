import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Children } from "../src/cli/children.ts";
import { directListener } from "../src/cli/demo/peers.ts";
import { runLoad } from "../src/cli/demo/run.ts";
import { envoyPath } from "../src/cli/envoy-binary.ts";
import { startEnvoy } from "../src/cli/envoy-process.ts";
import { startMesh } from "./mesh.ts";
import { staticBootstrap } from "./overhead.ts";
import { verdict } from "./overload.ts";
import { median, type Page } from "./page.ts";

/**
 * What a global rate limit adds to a request: open-loop load through one Envoy to another that answers by itself, over a
 * route without a limit, with a local one and with a global one that never refuses, in interleaved rounds.
 */
const RPS = 5000;
const SEED = 501;
const SECONDS = 2;
const DEADLINE_MS = 500;
const GOAL_MS = 2;

const VARIANTS = ["no limit", "local", "global"] as const;
type Variant = (typeof VARIANTS)[number];

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
  readonly cpuRatio: number;
}

export async function benchRateLimit(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const rounds = isFull ? 20 : 3;
  const upstream = await startEnvoy(children, {
    binary: await envoyPath(),
    folder: mkdtempSync(join(tmpdir(), "qmesh-bench-")),
    name: "upstream",
    concurrency: 1,
    bootstrap: staticBootstrap([directListener("direct", [])]),
  });
  const { plane, envoy } = await startMesh(children, {
    servicePort: await upstream.listenerPort("direct"),
    shedding: SHEDDING,
    documents: `${limited("local")}${limited("global")}`,
    concurrency: 1,
  });
  const port = await envoy.listenerPort("edge_0");
  const results = new Map<Variant, Round[]>(VARIANTS.map((variant) => [variant, []]));
  for (let round = -1; round < rounds; round++) {
    for (const variant of VARIANTS) {
      const result = await measure(children, { port, variant, seed: SEED + round });
      if (round >= 0) results.get(variant)?.push(result);
    }
  }
  const asked = plane.status().rateLimits?.find(({ limit }) => limit === "global")?.admitted ?? 0;
  plane.stop();
  return page(results, { rounds, asked });
}

async function measure(
  children: Children,
  { port, variant, seed }: { port: number; variant: Variant; seed: number },
): Promise<Round> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const { phases, latenessP99Ms } = await runLoad(children, {
    port,
    phases: [{ seconds: SECONDS, rps: RPS }],
    tiers: [{ name: "all", share: 1, headers: { "x-variant": variant, "x-tenant": "acme" } }],
    seed,
    deadlineMs: DEADLINE_MS,
  });
  const { user, system } = process.cpuUsage(cpu);
  const all = phases[0]?.[0];
  if (all?.p50Ms === undefined || all.p99Ms === undefined || all.served < all.offered)
    throw new Error(`${variant}: not all requests were served: ${JSON.stringify(all)}`);
  return {
    p50Ms: all.p50Ms,
    p99Ms: all.p99Ms,
    latenessP99Ms,
    cpuRatio: (user + system) / 1000 / (performance.now() - startMs),
  };
}

function page(
  results: ReadonlyMap<Variant, readonly Round[]>,
  { rounds, asked }: { rounds: number; asked: number },
): Page {
  const of = (variant: Variant, field: keyof Round) =>
    median((results.get(variant) ?? []).map((round) => round[field]));
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const added = of("global", "p99Ms") - of("no limit", "p99Ms");
  return {
    setup: [
      `open-loop Poisson load of ${RPS} requests a second for ${SECONDS} s, ${rounds} interleaved rounds after one to warm up, medians; seeds from ${SEED}`,
      "one Envoy worker and the shedding filter before another Envoy that answers at once; load, both Envoys and control plane share the machine",
      `the rate-limit service was asked ${asked} times`,
    ],
    table: [
      ["", "p50", "p99", "p99 added", "load late p99", "control plane, of a core"],
      ...VARIANTS.map((variant) => [
        variant,
        ms(of(variant, "p50Ms")),
        ms(of(variant, "p99Ms")),
        ms(of(variant, "p99Ms") - of("no limit", "p99Ms")),
        ms(of(variant, "latenessP99Ms")),
        of(variant, "cpuRatio").toFixed(2),
      ]),
    ],
    findings: [
      `a global limit adds ${ms(added)} to p99 at ${RPS} requests a second (goal <= ${GOAL_MS}): ${verdict(added <= GOAL_MS)}`,
    ],
  };
}
