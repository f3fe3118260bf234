/** A small good set as plain objects, to be bent by tests, and its text: JSON is YAML, one document per odd line. */
import { type ReadBeside, readNothing } from "../../src/policy/beside-file.ts";
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

const OPEN_SLO = "openslo/v1";

function own(kind: string, name: string, spec: Fields, about: Fields = {}) {
  return { apiVersion: OWN_API, kind, metadata: { name, owner: "team", ...about }, spec };
}

/** Of Service shop: 99.9 % without errors in 30 days. */
export function slo(spec: Fields = {}, name = "availability") {
  const source = (count: string) => ({ metricSource: { type: "mesh", spec: { count } } });
  const ratioMetric = { counter: true, good: source("code < 500"), total: source("true") };
  return {
    apiVersion: OPEN_SLO,
    kind: "SLO",
    metadata: { name, owner: "team" },
    spec: {
      service: "shop",
      budgetingMethod: "Occurrences",
      timeWindow: [{ duration: "30d", isRolling: true }],
      objectives: [{ target: 0.999 }],
      indicator: { spec: { ratioMetric } },
      ...spec,
    },
  };
}

/** AlertPolicy, AlertCondition and AlertNotificationTarget, all of one name. */
export function alert(condition: Fields = {}, name = "fast") {
  const about = { apiVersion: OPEN_SLO, metadata: { name } };
  return [
    {
      ...about,
      kind: "AlertPolicy",
      spec: { conditions: [{ conditionRef: name }], notificationTargets: [{ targetRef: name }] },
    },
    {
      ...about,
      kind: "AlertCondition",
      spec: {
        severity: "page",
        condition: { kind: "burnrate", threshold: 14.4, lookbackWindow: "1h", ...condition },
      },
    },
    { ...about, kind: "AlertNotificationTarget", spec: { target: "team-shop" } },
  ];
}

/** Pushes the signal `queue.depth`. */
export function adapter(spec: Fields = {}, name = "push") {
  const signals = [{ name: "queue.depth" }];
  return own("Adapter", name, { type: "signals", secretFile: "key", signals, ...spec });
}

/** Halves RateLimit shop while the queue is long. `acts`: its actions. */
export function policy({ acts, ...spec }: Fields = {}, about: Fields = {}) {
  return own(
    "Policy",
    "calm",
    {
      mode: "enforce",
      when: 'rate("queue.depth", "1m") > 100.0',
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      then: acts === null ? undefined : (acts ?? [{ rateLimit: { name: "shop", factor: 0.5 } }]),
      verify: {
        signal: "queue.depth",
        improve: { relative: 0.2 },
        sustained: "1m",
        within: "5m",
      },
      revert: { ttl: "30m" },
      ...spec,
    },
    { class: "reliability", ...about },
  );
}

/** Of Service shop, from v1 to v2. */
export function rollout(spec: Fields = {}, name = "shop") {
  return own("Rollout", name, {
    service: "shop",
    versions: { stable: "v1", canary: "v2" },
    steps: [{ weight: 5, for: "5m" }, { weight: 100 }],
    ...spec,
  });
}

const PUBLIC_KEY = { kty: "EC", crv: "P-256", x: "eA", y: "eQ", kid: "1" };

export function identity(spec: Fields = {}, name = "staff") {
  const jwks = { inline: { keys: [PUBLIC_KEY] } };
  return own("Identity", name, { issuer: "https://id.shop", audiences: ["shop"], jwks, ...spec });
}

export function guardrail(forbid: readonly string[], spec: Fields = {}) {
  return own("Guardrail", "never", { forbid, ...spec });
}

export function override(spec: Fields = {}, about: Fields = {}) {
  return {
    apiVersion: OWN_API,
    kind: "Override",
    metadata: { name: "now", by: "alice", ...about },
    spec: { set: { "policy.calm.mode": "off" }, ttl: "1h", reason: "a test", ...spec },
  };
}

export function maintenance(spec: Fields = {}) {
  const when = { cron: "0 2 * * 0", for: "2h" };
  return own("Maintenance", "sunday", { when, freeze: ["cost"], ...spec });
}

/** Service shop with versions v1 and v2. */
export function versions(spec: Fields = {}) {
  return service({
    endpoints: undefined,
    versions: {
      v1: { endpoints: ["127.0.0.1:9001"] },
      v2: { endpoints: ["127.0.0.1:9002"] },
    },
    ...spec,
  });
}

/** Document `n` (from 0) stands on line 2n + 1. */
export function toText(documents: readonly unknown[]): string {
  return documents.map((document) => JSON.stringify(document)).join("\n---\n");
}

/** The file `key`, which holds a secret; no other is there. */
export const readKey: ReadBeside = (documentFile, path) =>
  path === "key"
    ? { ok: true, absolutePath: "/intent/key", text: "0123456789abcdef\n" }
    : readNothing(documentFile, path);

/** The problems of one file, as an operator reads them. */
export function problemsOf(text: string): string[] {
  return parseIntent([{ file: "a.yaml", text }], readKey).problems.map(formatProblem);
}
