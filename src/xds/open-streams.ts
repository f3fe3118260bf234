import type { Refusal } from "./refusal.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Which streams are open: how many there may be, how fast they may come, and how all of them are shown out.
 *
 * Admission is a token bucket that holds one second's worth, so a fleet that comes back at once is taken in at the
 * rate the server bears and the rest tries again with its own back-off. Streams that are open are never touched by it.
 *
 * Draining ends the streams one by one, evenly over a window, so that whoever takes over is not met by all of them at
 * once: stream i of n ends at window * i / n.
 */
export interface AdmissionLimits {
  /** Streams at the same time; no limit unless told. */
  readonly maxStreams?: number | undefined;
  /** New streams a second; no limit unless told. */
  readonly maxStreamsPerS?: number | undefined;
}

interface OpenStream {
  end(refusal: Refusal): void;
  regroup(): void;
}

export class OpenStreams {
  private readonly open = new Set<OpenStream>();
  private tokens: number;
  private refilledMs: number | undefined;
  private isDraining = false;

  constructor(private readonly limits: AdmissionLimits) {
    this.tokens = limits.maxStreamsPerS ?? 0;
  }

  /** Why the stream may not be opened; undefined if it may, and then it counts until it leaves. */
  enter(stream: OpenStream, nowMs: number): Refusal | undefined {
    const { maxStreams = Number.POSITIVE_INFINITY } = this.limits;
    if (this.isDraining) return DRAINING;
    if (this.open.size >= maxStreams) {
      return exhausted(`${maxStreams} streams are open, which is the limit`);
    }
    if (!this.takeToken(nowMs)) {
      return exhausted(`more than ${this.limits.maxStreamsPerS} new streams a second`);
    }
    this.open.add(stream);
    return undefined;
  }

  leave(stream: OpenStream): void {
    this.open.delete(stream);
  }

  /** Every stream asks anew for whose snapshot it gets. */
  regroup(): void {
    for (const stream of this.open) stream.regroup();
  }

  private takeToken(nowMs: number): boolean {
    const { maxStreamsPerS: rate } = this.limits;
    if (rate === undefined) return true;
    const elapsedMs = Math.max(0, nowMs - (this.refilledMs ?? nowMs));
    this.refilledMs = nowMs;
    this.tokens = Math.min(rate, this.tokens + (elapsedMs / 1000) * rate);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Lets nobody in any more and ends every stream within `overMs`; resolves after the last one. */
  async drain(overMs: number, schedule: Schedule): Promise<void> {
    this.isDraining = true;
    const streams = [...this.open];
    const ended = streams.map(
      (stream, i) =>
        new Promise<void>((resolve) => {
          schedule((overMs * i) / streams.length, () => {
            stream.end(DRAINING);
            resolve();
          });
        }),
    );
    await Promise.all(ended);
  }
}

const DRAINING: Refusal = {
  code: "UNAVAILABLE",
  details: "this server is being shut down: connect to another",
};

function exhausted(details: string): Refusal {
  return { code: "RESOURCE_EXHAUSTED", details };
}
