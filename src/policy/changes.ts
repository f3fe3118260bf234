import { canonical } from "./digest.ts";
import type { PolicySet } from "./policy-set.ts";

/** What makes one set another, document by document. */
export interface DocumentChange {
  /** `Kind/name`. */
  readonly document: string;
  readonly change: "added" | "changed" | "removed";
  /** Of a changed one, the places that differ: `weights.v42`. */
  readonly paths: readonly string[];
}

const KINDS: Readonly<Record<Exclude<keyof PolicySet, "digest">, string>> = {
  gateways: "Gateway",
  httpRoutes: "HTTPRoute",
  grpcRoutes: "GRPCRoute",
  services: "Service",
  sheddings: "Shedding",
  rateLimits: "RateLimit",
  slos: "SLO",
  burnAlerts: "AlertPolicy",
  policies: "Policy",
  rollouts: "Rollout",
  runbooks: "Runbook",
  guardrails: "Guardrail",
  overrides: "Override",
  maintenances: "Maintenance",
  adapters: "Adapter",
  identities: "Identity",
};

/** Places shown of one document. */
const MOST_PATHS = 10;

/** In the order of their names. */
export function changesBetween(
  before: PolicySet | undefined,
  after: PolicySet,
): readonly DocumentChange[] {
  const old = before === undefined ? new Map<string, unknown>() : documentsIn(before);
  const now = documentsIn(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .flatMap((document): DocumentChange[] => {
      const [one, other] = [old.get(document), now.get(document)];
      if (one === undefined) return [{ document, change: "added", paths: [] }];
      if (other === undefined) return [{ document, change: "removed", paths: [] }];
      const paths = [...differingPaths(one, other)].slice(0, MOST_PATHS);
      return paths.length === 0 ? [] : [{ document, change: "changed", paths }];
    });
}

function documentsIn(set: PolicySet): ReadonlyMap<string, unknown> {
  const all = Object.entries(KINDS).flatMap(([field, kind]) => {
    const items = set[field as keyof typeof KINDS] as readonly { readonly name: string }[];
    return items.map((item): [string, unknown] => [`${kind}/${item.name}`, item]);
  });
  return new Map(all);
}

function* differingPaths(one: unknown, other: unknown, path = ""): Generator<string> {
  if (canonical(one ?? null) === canonical(other ?? null)) return;
  if (!isObject(one) || !isObject(other)) {
    yield path;
    return;
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    yield* differingPaths(one[key], other[key], path === "" ? key : `${path}.${key}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
