/** What must end with the control plane, the newest first. */
export class Closers {
  readonly #all: (() => unknown)[] = [];
  #isClosing = false;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  add(close: () => unknown): void {
    this.#all.push(close);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const close of this.#all.splice(0).reverse()) await close();
  }
}
