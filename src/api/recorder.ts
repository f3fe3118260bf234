import { performance } from "node:perf_hooks";
import { History, pointsOf } from "./history.ts";
import { JudgementLog } from "./judgement-log.ts";
import { sheddingViews } from "./mesh-views.ts";
import type { StatusDocument } from "./status-document.ts";

/**
 * Looks at the mesh once a second, whether or not anybody watches, so that a screen opened after an incident shows it. Many
 * questions within a quarter of a second are answered from one look.
 */
const SECOND_MS = 1000;
const FRESH_MS = 250;

export class Recorder {
  readonly history = new History();
  readonly judgements = new JudgementLog();
  #timer: NodeJS.Timeout | undefined;
  #newest: StatusDocument | undefined;
  #takenMs = 0;

  constructor(
    private readonly source: () => StatusDocument,
    private readonly onError: (error: Error) => void,
  ) {}

  /** `/status`, at most a quarter of a second old. */
  readonly status = (): StatusDocument => {
    const nowMs = performance.now();
    if (this.#newest === undefined || nowMs - this.#takenMs > FRESH_MS) {
      this.#newest = this.source();
      this.#takenMs = nowMs;
    }
    return this.#newest;
  };

  start(): void {
    this.#timer = setInterval(() => {
      try {
        this.look(Math.floor(Date.now() / SECOND_MS));
      } catch (error) {
        this.onError(error as Error);
      }
    }, SECOND_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** `second`: of Unix time. */
  look(second: number): void {
    const status = this.status();
    this.history.add(second, pointsOf(status));
    this.judgements.observe(second, sheddingViews(status));
  }
}
