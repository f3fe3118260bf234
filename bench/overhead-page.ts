import { NAMES } from "./overhead-variants.ts";
import { verdict } from "./overload.ts";
import { median, type Page, quantile } from "./page.ts";
import type { RustPeer } from "./rust-peer.ts";

/** Microseconds of CPU a request, by variant, one figure a round; rounds of all variants were interleaved. */
export type Costs = ReadonlyMap<string, readonly number[]>;

interface Added {
  /** Of the least disturbed rounds. */
  readonly p10: number;
  /** Of the differences round by round. */
  readonly median: number;
}

/** The table and what it shows against the goals. */
export function overheadPage({
  setup,
  rust,
  few,
  many,
}: {
  setup: readonly string[];
  rust: RustPeer;
  few: Costs;
  many: Costs;
}): Page {
  const [ours, noop, native, peer] = [NAMES.ours, NAMES.noop, NAMES.native, NAMES.rust].map(
    (name) => added(few, name),
  ) as [Added, Added, Added, Added];
  return {
    setup: [...setup, rust.ok ? `Rust peer built by ${rust.version}` : leftOut(rust.reason)],
    table: [
      [
        ...["", "CPU a request p10", "added p10", "added median"],
        ...["to no-op wasm (p10)", "400 live: added p10", "400 live: added median"],
      ],
      ...[...few.keys()].map((name) => row(name, few, many)),
    ],
    findings: [
      compare("ours / no-op wasm", ours, noop, 4),
      compare("ours / adaptive_concurrency", ours, native, 10),
      ...(rust.ok
        ? [
            compare("ours / Rust", ours, peer, 0.8),
            compare(
              "ours / Rust at 400 live streams",
              added(many, NAMES.ours),
              added(many, NAMES.rust),
              1,
            ),
          ]
        : [leftOut(rust.reason)]),
      "native code is cheaper than any wasm; what ours buys for it is in `overload.md`",
    ],
  };
}

function leftOut(reason: string): string {
  return `the Rust peer was left out: ${reason}`;
}

function added(costs: Costs, name: string): Added {
  const base = costs.get(NAMES.none) ?? [];
  const own = costs.get(name) ?? [];
  return {
    p10: quantile(own, 0.1) - quantile(base, 0.1),
    median: median(own.map((cost, round) => cost - (base[round] ?? 0))),
  };
}

function row(name: string, few: Costs, many: Costs): string[] {
  const own = added(few, name);
  const live = many.has(name) ? added(many, name) : undefined;
  return [
    name,
    us(quantile(few.get(name) ?? [], 0.1)),
    us(own.p10),
    us(own.median),
    (own.p10 / added(few, NAMES.noop).p10).toFixed(2),
    live === undefined ? "-" : us(live.p10),
    live === undefined ? "-" : us(live.median),
  ];
}

function us(value: number): string {
  return `${value.toFixed(2)} us`;
}

function compare(what: string, one: Added, other: Added, goal: number): string {
  const ratio = one.median / other.median;
  return `${what} ${(one.p10 / other.p10).toFixed(2)} by p10, ${ratio.toFixed(2)} by median (goal <= ${goal}): ${verdict(ratio <= goal)}`;
}
