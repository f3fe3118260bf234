/**
 * Values by key, at most `limit` of them: of too many the one unused for longest goes. A use only moves pointers: taking a
 * key out of a `Map` and putting it in again would leave a string and half a table for the garbage collector each time.
 */
export class LeastRecentlyUsed<Value> {
  readonly #places = new Map<string, Place<Value>>();
  #oldest: Place<Value> | undefined;
  #newest: Place<Value> | undefined;

  constructor(
    private readonly limit: number,
    private readonly create: () => Value,
  ) {}

  get size(): number {
    return this.#places.size;
  }

  /** Uses it, and creates it if it is not there. */
  use(key: string): Value {
    const known = this.#places.get(key);
    if (known !== undefined) {
      if (known !== this.#newest) {
        this.#takeOut(known);
        this.#append(known);
      }
      return known.value;
    }
    if (this.size >= this.limit && this.#oldest !== undefined) {
      this.#places.delete(this.#oldest.key);
      this.#takeOut(this.#oldest);
    }
    const made = { key, value: this.create(), older: undefined, newer: undefined };
    this.#places.set(key, made);
    this.#append(made);
    return made.value;
  }

  #takeOut(place: Place<Value>): void {
    const { older, newer } = place;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }

  #append(place: Place<Value>): void {
    place.older = this.#newest;
    place.newer = undefined;
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
  }
}

interface Place<Value> {
  readonly key: string;
  readonly value: Value;
  older: Place<Value> | undefined;
  newer: Place<Value> | undefined;
}
