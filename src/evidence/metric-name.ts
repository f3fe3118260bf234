/**
 * The filter's metric names as Envoy reports them. Scope and tier are DNS labels, so the dots tell the parts:
 * `wasmcustom.qmesh.<scope>.<what>`, `wasmcustom.qmesh.<scope>.tier.<tier>.<what>`, `wasmcustom.qmesh.filter.<what>`.
 * A scope may be called `filter`: its own names and the filter's do not meet.
 */
export const FILTER_PREFIX = "wasmcustom.qmesh.";

export type MetricName =
  | { readonly kind: "filter"; readonly what: "internal_error" | "untracked" | "local_mode" }
  | {
      readonly kind: "scope";
      readonly scope: string;
      readonly what: "inflight" | "limit" | "completed" | "rtt_us" | "lost";
    }
  | {
      readonly kind: "tier";
      readonly scope: string;
      readonly tier: string;
      readonly what: "admitted" | "shed" | "would_shed";
    };

const LABEL = "([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)";
const FILTER = /^filter\.(internal_error|untracked|local_mode)$/;
const SCOPE = new RegExp(`^${LABEL}\\.(inflight|limit|completed|rtt_us|lost)$`);
const TIER = new RegExp(`^${LABEL}\\.tier\\.${LABEL}\\.(admitted|shed|would_shed)$`);

/** Undefined for every other metric. */
export function parseMetricName(name: string): MetricName | undefined {
  if (!name.startsWith(FILTER_PREFIX)) return undefined;
  const rest = name.slice(FILTER_PREFIX.length);
  const filter = FILTER.exec(rest);
  if (filter !== null) return { kind: "filter", what: filter[1] } as MetricName;
  const scope = SCOPE.exec(rest);
  if (scope !== null) return { kind: "scope", scope: scope[1], what: scope[2] } as MetricName;
  const tier = TIER.exec(rest);
  if (tier === null) return undefined;
  return { kind: "tier", scope: tier[1], tier: tier[2], what: tier[3] } as MetricName;
}
