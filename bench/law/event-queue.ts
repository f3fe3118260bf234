/** A binary heap of events by time; equal times leave in order of arrival. */
export interface Timed {
  readonly atMs: number;
}

export class EventQueue<E extends Timed> {
  private readonly heap: { readonly event: E; readonly order: number }[] = [];
  private count = 0;

  get isEmpty(): boolean {
    return this.heap.length === 0;
  }

  push(event: E): void {
    const heap = this.heap;
    heap.push({ event, order: this.count++ });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isBefore(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  pop(): E {
    const heap = this.heap;
    const first = heap[0]!.event;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    const heap = this.heap;
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < heap.length && this.isBefore(child, least)) least = child;
      }
      if (least === parent) return;
      this.swap(least, parent);
      parent = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const x = this.heap[a]!;
    const y = this.heap[b]!;
    return x.event.atMs < y.event.atMs || (x.event.atMs === y.event.atMs && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    const held = this.heap[a]!;
    this.heap[a] = this.heap[b]!;
    this.heap[b] = held;
  }
}
