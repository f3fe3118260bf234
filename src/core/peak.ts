/** The largest of the last 32 values: about 3 s of windows, so that a limit remembers use across a short lull. */
const SLOTS: number = 32;

export class Peak {
  private slots: Float64Array = new Float64Array(32);
  private next: number = 0;

  push(value: number): void {
    this.slots[this.next as i32] = value;
    this.next = this.next + 1 >= SLOTS ? 0 : this.next + 1;
  }

  /** Forgets all and holds only `value`. */
  reset(value: number): void {
    for (let i = 0; i < this.slots.length; i++) this.slots[i] = 0;
    this.push(value);
  }

  /** 0 before the first value. */
  get value(): number {
    let most: number = 0;
    for (let i = 0; i < this.slots.length; i++) {
      if (this.slots[i] > most) most = this.slots[i];
    }
    return most;
  }
}
