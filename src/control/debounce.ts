/**
 * Runs something once a burst of changes is over: at the last change + `quietMs`, and in a burst that does not end, at the
 * first + `maxMs`. So a folder that is written to all the time is still read once every `maxMs`.
 */
export interface DebounceOptions {
  readonly quietMs: number;
  readonly maxMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Returns what cancels it. */
  readonly schedule: (ms: number, fire: () => void) => () => void;
}

export class Debounce {
  private sinceMs: number | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly options: DebounceOptions,
    private readonly run: () => void,
  ) {}

  readonly touch = (): void => {
    const { quietMs, maxMs, nowMs, schedule } = this.options;
    this.cancel?.();
    this.sinceMs ??= nowMs();
    const leftMs = this.sinceMs + maxMs - nowMs();
    this.cancel = schedule(Math.max(0, Math.min(quietMs, leftMs)), () => {
      this.stop();
      this.run();
    });
  };

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.sinceMs = undefined;
  }
}
