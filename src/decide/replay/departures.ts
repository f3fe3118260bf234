/** When the requests in flight will leave: a binary heap with the next one on top. */
export interface Departure {
  readonly atMs: number;
  readonly durationMs: number;
  readonly isAnswered: boolean;
}

export class Departures {
  readonly #heap: Departure[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(departure: Departure): void {
    const heap = this.#heap;
    let child = heap.push(departure) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#timeAt(parent) <= departure.atMs) break;
      this.#move(parent, child);
      child = parent;
    }
    heap[child] = departure;
  }

  /** The next one that has left by `nowMs`; undefined: none has. */
  pop(nowMs: number): Departure | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(departure: Departure): void {
    const { length } = this.#heap;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child + 1 < length && this.#timeAt(child + 1) < this.#timeAt(child)) child += 1;
      if (child >= length || this.#timeAt(child) >= departure.atMs) break;
      this.#move(child, parent);
      parent = child;
    }
    this.#heap[parent] = departure;
  }

  #timeAt(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    const moved = this.#heap[from];
    if (moved !== undefined) this.#heap[to] = moved;
  }
}
