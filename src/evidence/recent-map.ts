/** A map of bounded size that makes what it lacks; of too many entries the one unused for longest goes. */
export class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();

  constructor(
    private readonly max: number,
    private readonly make: () => Value,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  of(key: string): Value {
    const value = this.#entries.get(key) ?? this.make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.max) this.#dropOldest();
    return value;
  }

  /** Without making it, and without counting as use. */
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** By key. */
  sorted(): [string, Value][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}
