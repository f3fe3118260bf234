/**
 * What was written to one client and has not left for it yet, and what follows from that.
 *
 * While more than `FULL_BYTES` wait, the client's own requests are not read, so that nothing it sends can make the server
 * write more: what waits is bounded by that and one response of each type. When nothing at all has left for
 * `STALL_LIMIT_MS` while something waits, the client is taken for one that will not read again.
 */
export const FULL_BYTES = 1024 * 1024;

/** About as long as a peer that vanished takes to be noticed by keepalive. */
export const STALL_LIMIT_MS = 30_000;

export class Outbox {
  private waiting = 0;
  private movedMs = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.waiting;
  }

  get isFull(): boolean {
    return this.waiting > FULL_BYTES;
  }

  /** When the client counts as stalled unless something leaves before; undefined if nothing waits. */
  get stalledAtMs(): number | undefined {
    return this.waiting === 0 ? undefined : this.movedMs + STALL_LIMIT_MS;
  }

  put(bytes: number, nowMs: number): void {
    if (this.waiting === 0) this.movedMs = nowMs;
    this.waiting += bytes;
  }

  left(bytes: number, nowMs: number): void {
    this.waiting -= bytes;
    this.movedMs = nowMs;
  }
}
