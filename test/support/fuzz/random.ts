import { uniform } from "../../../src/cli/demo/random.ts";

/** Random choices from one seed. */
export class Random {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = uniform(seed);
  }

  /** Whole, in [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256));
  }

  text(size: number): string {
    return Buffer.from(this.bytes(size)).toString("latin1");
  }
}
