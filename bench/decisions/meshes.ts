import type { PolicySet } from "../../src/policy/policy-set.ts";
import { errorObjective } from "../error-objective.ts";
import { setOf } from "./engine-trace.ts";

/** Intents of the benchmarks and golden traces of the engine. */
const SERVICE = (name: string, versions: string) => `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team-${name}}
spec: {versions: ${versions}}`;

const SLO = (service: string) =>
  `\n${errorObjective(service, { owner: `team-${service}`, target: 0.999 })}`;

const BACKPRESSURE = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  listeners: [{name: http, protocol: HTTP, port: 8000}]
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: invoke, owner: team-events}
spec: {target: {gateway: edge}, rate: 400/s, burst: 100, per: [], scope: local, bounds: {min: 40/s, max: 400/s}}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: database, owner: team-events}
spec: {type: signals, secretFile: database.key, signals: [{name: db.latency.p95, maxAge: 10s}]}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: db-backpressure, owner: team-events, class: reliability}
spec:
  mode: enforce
  when: 'pAbove("db.latency.p95", 0.120, "30s") > 0.9'
  then: [{rateLimit: {name: invoke, factor: 0.5}}, {rateLimit: {name: invoke, factor: 0.1}}]
  guard: {minInterval: 60s, budget: 5/h}
  verify: {signal: db.latency.p95, improve: {below: 0.08}, sustained: 2m, within: 5m}
  revert: {onHarm: immediate, onNoEffect: 5m, ttl: 30m}`;

const CANARY = `
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: s0, owner: team-s0}
spec:
  service: s0
  versions: {stable: v1, canary: v2}
  steps: [{weight: 20, for: 2m}, {weight: 50, for: 5m}, {weight: 100}]
  onWorse: {action: rollback, drain: 30s, lock: 1h}`;

const TWO = '{v1: {endpoints: ["127.0.0.1:9001"]}, v2: {endpoints: ["127.0.0.1:9002"]}}';
const ONE = '{v1: {endpoints: ["127.0.0.1:9001"]}}';

/** A rollout, a Policy on a signal and as many services as are asked for, each with an objective. */
export function smallMesh(services: number): PolicySet {
  const names = Array.from({ length: services }, (_, at) => `s${at}`);
  const documents = names.flatMap((name, at) => [SERVICE(name, at === 0 ? TWO : ONE), SLO(name)]);
  return setOf([...documents, BACKPRESSURE, CANARY].join("\n---"));
}

/** Each service with an objective and a Policy whose condition reads twenty values of it. */
export function largeMesh(services: number): PolicySet {
  const names = Array.from({ length: services }, (_, at) => `s${at}`);
  const documents = names.flatMap((name) => [SERVICE(name, ONE), SLO(name), watcher(name)]);
  return setOf(documents.join("\n---"));
}

export const READ_EACH = 20;

function watcher(service: string): string {
  const slo = `${service}-availability`;
  const windows = ["10s", "1m", "5m", "30m", "1h", "6h"];
  const reads = [
    ...windows.map((window) => `burn("${slo}", "${window}") > 500.0`),
    ...windows.map((window) => `pBurn("${slo}", "${window}", 500.0) > 0.99`),
    ...windows.map((window) => `quantile("${service}", 0.95, "${window}") > duration("9s")`),
    `quantile("${service}", 0.5, "1m") > duration("9s")`,
    `quantile("${service}", 0.99, "1m") > duration("9s")`,
  ];
  return `
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: watch-${service}, owner: team-${service}, class: reliability}
spec:
  mode: enforce
  method: rules
  scope: {service: ${service}}
  when: '${reads.join(" || ")}'
  then: [{outlier: {service: ${service}, consecutive5xx: 3}}]
  verify: {signal: ${slo}, improve: {below: {burn: 1}}, sustained: 2m, within: 5m}
  revert: {onHarm: immediate, ttl: 30m}`;
}
