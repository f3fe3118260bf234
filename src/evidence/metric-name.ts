/**
 * Which of Envoy's metrics are evidence, and what they are about. Names arrive whole, tags not extracted:
 * `wasmcustom.qmesh.<scope>.<what>`, `wasmcustom.qmesh.<scope>.tier.<tier>.<what>`, `wasmcustom.qmesh.filter.<what>` and
 * `cluster.<name>.<what>`. Scope and tier are DNS labels, so dots tell the parts; a scope may itself be called `filter`
 * or `tier`, since no word stands in two of the lists below. A cluster's name may hold dots.
 */
export type MetricName =
  | { readonly kind: "filter"; readonly what: FilterWord }
  | { readonly kind: "scope"; readonly scope: string; readonly what: ScopeWord }
  | {
      readonly kind: "tier";
      readonly scope: string;
      readonly tier: string;
      readonly what: TierWord;
    }
  | { readonly kind: "cluster"; readonly cluster: string; readonly what: ClusterWord };

export const FILTER_WORDS = ["internal_error", "untracked", "local_mode", "probe"] as const;
export const SCOPE_WORDS = [
  "inflight",
  "limit",
  "baseline_us",
  "completed",
  "rtt_us",
  "lost",
  "leaked",
] as const;
export const TIER_WORDS = ["admitted", "shed", "would_shed"] as const;
export const CLUSTER_WORDS = [
  "upstream_rq_total",
  "upstream_rq_completed",
  "upstream_rq_5xx",
  "upstream_rq_active",
  "upstream_cx_active",
] as const;

export type FilterWord = (typeof FILTER_WORDS)[number];
export type ScopeWord = (typeof SCOPE_WORDS)[number];
export type TierWord = (typeof TIER_WORDS)[number];
export type ClusterWord = (typeof CLUSTER_WORDS)[number];

const FILTER_PREFIX = "wasmcustom.qmesh.";
const CLUSTER_PREFIX = "cluster.";

const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const FILTER = new RegExp(`^filter\\.(?<what>${FILTER_WORDS.join("|")})$`);
const SCOPE = new RegExp(`^(?<scope>${LABEL})\\.(?<what>${SCOPE_WORDS.join("|")})$`);
const TIER = new RegExp(
  `^(?<scope>${LABEL})\\.tier\\.(?<tier>${LABEL})\\.(?<what>${TIER_WORDS.join("|")})$`,
);

/** Longest name kept: two labels of 63 and the words fit well; a longer cluster name is not worth its memory. */
const MAX_NAME_LENGTH = 256;

const FILTER_BYTES = toBytes(FILTER_PREFIX);
const CLUSTER_BYTES = toBytes(CLUSTER_PREFIX);
const HTTP_BYTES = toBytes("http.");
/** Of the RBAC filter (`shadow-counts.ts`). */
const SHADOW_WORD_BYTES = [toBytes(".shadow_denied"), toBytes(".shadow_allowed")];
const CLUSTER_WORD_BYTES = CLUSTER_WORDS.map((word) => toBytes(`.${word}`));

/**
 * Whether the name `bytes[start, end)` is worth parsing: cheap enough for every metric of every report, since it makes
 * no string, and false for nearly all of them. True for every name `parseMetricName` takes.
 */
export function isWorthParsing(bytes: Uint8Array, start: number, end: number): boolean {
  if (isAt(bytes, start, FILTER_BYTES)) return true;
  if (isAt(bytes, start, HTTP_BYTES)) {
    return SHADOW_WORD_BYTES.some((word) => isAt(bytes, end - word.length, word));
  }
  if (!isAt(bytes, start, CLUSTER_BYTES)) return false;
  return CLUSTER_WORD_BYTES.some((word) => isAt(bytes, end - word.length, word));
}

/** From the back: the words begin alike. */
function isAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = expected.length - 1; i >= 0; i--) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

function toBytes(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (character) => character.charCodeAt(0));
}

/** Undefined for a metric that is not evidence. */
export function parseMetricName(name: string): MetricName | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  if (name.startsWith(CLUSTER_PREFIX)) return parseCluster(name.slice(CLUSTER_PREFIX.length));
  if (!name.startsWith(FILTER_PREFIX)) return undefined;
  const rest = name.slice(FILTER_PREFIX.length);
  const filter = FILTER.exec(rest)?.groups;
  if (filter !== undefined) return { kind: "filter", ...filter } as MetricName;
  const scope = SCOPE.exec(rest)?.groups;
  if (scope !== undefined) return { kind: "scope", ...scope } as MetricName;
  const tier = TIER.exec(rest)?.groups;
  return tier && ({ kind: "tier", ...tier } as MetricName);
}

function parseCluster(rest: string): MetricName | undefined {
  const what = CLUSTER_WORDS.find((word) => rest.endsWith(`.${word}`));
  const cluster = rest.slice(0, -1 - (what?.length ?? 0));
  return what === undefined || cluster === "" ? undefined : { kind: "cluster", cluster, what };
}
