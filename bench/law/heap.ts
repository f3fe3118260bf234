/** A binary heap: the least key leaves first, equal keys in order of arrival. */
export class Heap<T> {
  private readonly heap: { readonly item: T; readonly key: number; readonly order: number }[] = [];
  private count = 0;

  get isEmpty(): boolean {
    return this.heap.length === 0;
  }

  /** Only while it is not empty. */
  get leastKey(): number {
    return this.heap[0]!.key;
  }

  push(key: number, item: T): void {
    const heap = this.heap;
    heap.push({ item, key, order: this.count++ });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isBefore(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** Only while it is not empty. */
  pop(): T {
    const heap = this.heap;
    const first = heap[0]!.item;
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
      const left = 2 * parent + 1;
      let least = parent;
      if (left < heap.length && this.isBefore(left, least)) least = left;
      if (left + 1 < heap.length && this.isBefore(left + 1, least)) least = left + 1;
      if (least === parent) return;
      this.swap(least, parent);
      parent = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const x = this.heap[a]!;
    const y = this.heap[b]!;
    return x.key < y.key || (x.key === y.key && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    const held = this.heap[a]!;
    this.heap[a] = this.heap[b]!;
    this.heap[b] = held;
  }
}
