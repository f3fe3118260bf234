import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Page, quantile } from "./page.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * The HTTP API under an open loop: 200 requests a second, whatever the answers do, at a control plane of its own process that has
 * 1,000 services with an objective each. A request's time is from when it was due.
 */
const SERVICES = 1000;
const RPS = 200;
const GOAL_MS = 50;
const WARM_SECONDS = 5;

const PATHS = [
  "/v1/services?limit=100",
  "/v1/services/service-0500",
  "/v1/alerts",
  "/v1/decisions",
  "/v1/actions",
  "/v1/incidents",
  "/v1/nodes",
  "/v1/intent",
  "/v1/audit",
  "/v1/freeze",
] as const;

export async function benchApi(_: unknown, { isFull }: { isFull: boolean }): Promise<Page> {
  const seconds = isFull ? 60 : 20;
  const folder = temporaryFolder();
  writeFileSync(join(folder, "intent.yaml"), intent());
  const main = fileURLToPath(new URL("../src/main.js", import.meta.url));
  const child = spawn(process.execPath, [
    ...[main, "serve", "--config", folder, "--data", join(folder, ".state"), "-o", "json"],
    ...["--xds", "127.0.0.1:0", "--rate-limit", "127.0.0.1:0", "--http", "127.0.0.1:0"],
    ...["--log-level", "error"],
  ]);
  try {
    const port = await portOf(child.stdout);
    await measure(port, WARM_SECONDS);
    return pageOf(await measure(port, seconds), seconds);
  } finally {
    child.kill();
  }
}

interface Sample {
  readonly path: string;
  readonly ms: number;
  readonly status: number;
}

async function measure(port: number, seconds: number): Promise<readonly Sample[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const samples: Sample[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let at = 0; at < seconds * RPS; at++) {
    const due = start + (at * 1000) / RPS;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    const path = PATHS[at % PATHS.length] ?? "/v1";
    pending.push(
      ask(agent, port, path).then((status) => {
        samples.push({ path, status, ms: performance.now() - due });
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  return samples;
}

function ask(agent: Agent, port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", () => resolve(0));
    sent.end();
  });
}

function pageOf(samples: readonly Sample[], seconds: number): Page {
  const line = (name: string, of: readonly Sample[]) => [
    name,
    String(of.length),
    ...[0.5, 0.99, 1].map(
      (share) =>
        `${quantile(
          of.map(({ ms }) => ms),
          share,
        ).toFixed(1)} ms`,
    ),
    String(of.filter(({ status }) => status !== 200).length),
  ];
  const p99 = quantile(
    samples.map(({ ms }) => ms),
    0.99,
  );
  return {
    setup: [
      `${RPS} requests a second for ${seconds} s, open loop, ${SERVICES} services with an objective each`,
      "server in a process of its own; loopback; no Envoy connected",
    ],
    table: [
      ["path", "requests", "p50", "p99", "most", "not 200"],
      ...PATHS.map((path) =>
        line(
          path,
          samples.filter((each) => each.path === path),
        ),
      ),
      line("all", samples),
    ],
    findings: [
      `p99 ${p99.toFixed(1)} ms, goal ${GOAL_MS} ms: ${p99 <= GOAL_MS ? "reached" : "missed"}`,
    ],
  };
}

async function portOf(stdout: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: stdout }))
    return (JSON.parse(line) as { http: number }).http;
  throw new Error("the control plane ended");
}

function intent(): string {
  const documents = Array.from({ length: SERVICES }, (_, at) => {
    const name = `service-${String(at).padStart(4, "0")}`;
    return `apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team-${at % 7}}
spec: {endpoints: ["10.0.${Math.floor(at / 250)}.${(at % 250) + 1}:80"]}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}, owner: team-${at % 7}}
spec: {service: ${name}, budgetingMethod: Occurrences, timeWindow: [{duration: 30d, isRolling: true}], objectives: [{target: 0.999}], indicator: {spec: {ratioMetric: {counter: true, good: {metricSource: {type: mesh, spec: {count: "code < 500"}}}, total: {metricSource: {type: mesh, spec: {count: "true"}}}}}}}
`;
  });
  return documents.join("---\n");
}
