import type { Disagreement } from "./evidence.ts";
import { RecentMap } from "./recent-map.ts";

/**
 * Whether the two accounts an Envoy gives of the same requests agree: its counters (`upstream_rq_total`) and its load reports
 * (`total_issued_requests`), which count every try alike. They are compared by spans of 15 s. Differing by more than a fifth
 * and 20 requests in two spans that follow each other, in the same direction, one of them is wrong: which, nobody can know, so
 * the node is left out of all counts until they agree again. A source that is silent in a span says nothing.
 */
export type Account = "metrics" | "load reports";

const SPAN_SECONDS = 15;
const MOST_RATIO = 0.2;
const MOST_REQUESTS = 20;
const MAX_NODES = 2048;
const MAX_SERVICES = 1024;

interface Tally {
  readonly sums: Record<Account, number>;
  /** Difference by metrics of the span before, over the larger; 0: none to speak of. */
  before: number;
}

interface Node {
  span: number;
  readonly heard: Set<Account>;
  readonly services: RecentMap<Tally>;
  /** By service. */
  readonly found: Map<string, Disagreement>;
}

export class Witnesses {
  readonly #nodes = new RecentMap<Node>(MAX_NODES, () => ({
    span: 0,
    heard: new Set(),
    services: new RecentMap<Tally>(MAX_SERVICES, () => ({
      sums: { metrics: 0, "load reports": 0 },
      before: 0,
    })),
    found: new Map(),
  }));

  /** A report came, whatever it holds. */
  hear(node: string, account: Account, tick: number): void {
    const known = this.#nodes.of(node);
    const span = Math.floor(tick / SPAN_SECONDS);
    if (span > known.span) {
      judge(node, known);
      known.span = span;
    }
    known.heard.add(account);
  }

  /** Requests tried since the report before. */
  count(node: string, account: Account, service: string, requests: number): void {
    this.#nodes.of(node).services.of(service).sums[account] += requests;
  }

  isTrusted(node: string): boolean {
    return this.#nodes.of(node).found.size === 0;
  }

  /** By node and service. */
  disagreements(): readonly Disagreement[] {
    return this.#nodes
      .sorted()
      .flatMap(([, { found }]) => [...found].sort(([a], [b]) => (a < b ? -1 : 1)))
      .map(([, disagreement]) => disagreement);
  }
}

function judge(node: string, { heard, services, found }: Node): void {
  const isBoth = heard.size === 2;
  for (const [service, tally] of services.sorted()) {
    const { metrics, "load reports": loads } = tally.sums;
    const off = isBoth ? difference(metrics, loads) : 0;
    if (off !== 0 && Math.sign(off) === Math.sign(tally.before)) {
      const what = `${node} counts ${metrics} requests to ${service} in its metrics and ${loads} in its load reports, within ${SPAN_SECONDS} s: its counts are left out`;
      found.set(service, { arm: { service }, what, ratio: Math.abs(off), node });
    } else if (isBoth && off === 0) found.delete(service);
    tally.before = off;
    tally.sums.metrics = 0;
    tally.sums["load reports"] = 0;
  }
  heard.clear();
}

function difference(a: number, b: number): number {
  const off = a - b;
  const larger = Math.max(a, b);
  return Math.abs(off) > Math.max(MOST_REQUESTS, MOST_RATIO * larger) ? off / larger : 0;
}
