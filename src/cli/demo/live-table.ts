import pc from "picocolors";
import { figureTable } from "../text-table.ts";
import { ms } from "./figure.ts";
import type { TierCount } from "./load.ts";

/** The running table: one block a second, redrawn in place on a terminal, one line a second elsewhere. */
export interface LiveState {
  readonly variant: string;
  readonly atSeconds: number;
  readonly load: number;
  readonly tierNames: readonly string[];
  /** Of the last second. */
  readonly tiers: readonly TierCount[];
  /** Of the filter; absent for the other variants. */
  readonly limit?: number | undefined;
  readonly inflight?: number | undefined;
}

const HEAD = ["tier", "offered/s", "served/s", "shed/s", "late/s", "p50", "p99"];

export function renderBlock(state: LiveState): string[] {
  const { variant, atSeconds, load, limit, inflight } = state;
  const filter = limit === undefined ? "" : `   limit ${limit}   in flight ${inflight ?? 0}`;
  const rows = state.tiers.map((count, index) => [
    state.tierNames[index] ?? "",
    ...[count.offered, count.served, count.shed, count.late + count.failed].map(String),
    ms(count.p50Ms),
    ms(count.p99Ms),
  ]);
  const [head = "", ...body] = figureTable([HEAD, ...rows]);
  return [
    pc.bold(`${variant}: ${load}x capacity, second ${atSeconds}${filter}`),
    pc.dim(head),
    ...body.map((line, index) => (isStarved(state.tiers[index]) ? pc.red(line) : line)),
  ];
}

/** Nothing got through though something was asked. */
function isStarved(count: TierCount | undefined): boolean {
  return count !== undefined && count.offered > 0 && count.served === 0;
}

export function renderLine(state: LiveState): string {
  const { variant, atSeconds, load, limit, inflight } = state;
  const tiers = state.tiers.map(
    (count, index) => `${state.tierNames[index]} ${count.served}/${count.offered}`,
  );
  const filter = limit === undefined ? "" : ` limit ${limit} in flight ${inflight ?? 0}`;
  return `${variant} ${load}x s${atSeconds} served/offered: ${tiers.join(", ")}${filter}`;
}

/** Draws over the last block on a terminal. `write` is the stream's. */
export class LiveTable {
  #lines = 0;

  constructor(
    private readonly stream: { readonly isTTY?: boolean; write(text: string): unknown },
  ) {}

  show(state: LiveState): void {
    if (this.stream.isTTY !== true) {
      this.stream.write(`${renderLine(state)}\n`);
      return;
    }
    const block = renderBlock(state);
    const up = this.#lines === 0 ? "" : `\u001b[${this.#lines}A\u001b[J`;
    this.stream.write(`${up}${block.join("\n")}\n`);
    this.#lines = block.length;
  }

  /** What stands now stays; the next block goes below it. */
  keep(): void {
    this.#lines = 0;
  }
}
