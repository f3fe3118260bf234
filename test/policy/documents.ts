/** A small good set as plain objects, to be bent by tests, and its text: JSON is YAML, one document per odd line. */
import { formatProblem } from "../../src/policy/format.ts";
import { parseIntent } from "../../src/policy/parse.ts";

type Fields = Record<string, unknown>;

const GATEWAY_API = "gateway.networking.k8s.io/v1";
const OWN_API = "quantum.mesh/v1";

export function gateway(spec: Fields = {}, name = "edge") {
  const listeners = [{ name: "http", protocol: "HTTP", port: 8000 }];
  return {
    apiVersion: GATEWAY_API,
    kind: "Gateway",
    metadata: { name },
    spec: { gatewayClassName: "qmesh", listeners, ...spec },
  };
}

export function route(rule: Fields = {}, spec: Fields = {}, name = "shop") {
  const rules = [{ backendRefs: [{ name: "shop" }], ...rule }];
  return {
    apiVersion: GATEWAY_API,
    kind: "HTTPRoute",
    metadata: { name },
    spec: { parentRefs: [{ name: "edge" }], rules, ...spec },
  };
}

export function grpcRoute(rule: Fields = {}, spec: Fields = {}, name = "calls") {
  const rules = [{ backendRefs: [{ name: "shop" }], ...rule }];
  return {
    apiVersion: GATEWAY_API,
    kind: "GRPCRoute",
    metadata: { name },
    spec: { parentRefs: [{ name: "edge" }], rules, ...spec },
  };
}

export function service(spec: Fields = {}, name = "shop") {
  return {
    apiVersion: OWN_API,
    kind: "Service",
    metadata: { name, owner: "team" },
    spec: { endpoints: ["127.0.0.1:9001"], ...spec },
  };
}

export function shedding(spec: Fields = {}, name = "shop") {
  return {
    apiVersion: OWN_API,
    kind: "Shedding",
    metadata: { name, owner: "team" },
    spec: { target: { service: "shop" }, tiers: [{ name: "all" }], ...spec },
  };
}

export function rateLimit(spec: Fields = {}, name = "shop") {
  return {
    apiVersion: OWN_API,
    kind: "RateLimit",
    metadata: { name, owner: "team" },
    spec: { target: { service: "shop" }, rate: "10/s", ...spec },
  };
}

/** Document `n` (from 0) stands on line 2n + 1. */
export function toText(documents: readonly unknown[]): string {
  return documents.map((document) => JSON.stringify(document)).join("\n---\n");
}

/** The problems of one file, as an operator reads them. */
export function problemsOf(text: string): string[] {
  return parseIntent([{ file: "a.yaml", text }]).problems.map(formatProblem);
}
