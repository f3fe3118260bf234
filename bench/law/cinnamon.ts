import type { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import { CinnamonLimit } from "./cinnamon-limit.ts";
import type { Law } from "./law.ts";

/**
 * A shedder in the manner of Uber's Cinnamon, rebuilt from its published description; its source is closed.
 * Three parts in a row. The rejector knows 128 cohorts a tier, and refuses levels above a threshold: every 500 ms a PI
 * controller moves the share to refuse,
 *
 *     error = (passed the rejector - sent on to the service - free places below the limit) / came
 *     share = kp error + ki * integral of error                                    [0, 0.99]
 *
 * (over all that came: over what was sent on, as the description may be read, the loop's gain grows with the overload and
 * it swings between nothing and all at five times the load) and the threshold is where the last 1000 requests' levels reach 1 - share. What passes waits by priority for a
 * place below the limit, refused after a part of its deadline (`holdMs`). The limit is `CinnamonLimit`.
 * https://www.uber.com/blog/cinnamon-using-century-old-tech-to-build-a-mean-load-shedder/
 */
export interface CinnamonOptions {
  readonly kp: number;
  readonly ki: number;
  readonly initial: number;
  readonly holdMs: number;
}

const COHORTS = 128;
const INTERVAL_MS = 500;
const RECENT = 1000;
const MOST_SHARE = 0.99;

export class Cinnamon implements Law {
  readonly holdMs: number;
  #threshold = Infinity;
  #came = 0;
  #passed = 0;
  #sent = 0;
  #integral = 0;
  #closedMs = 0;
  #seen = 0;
  readonly #recent: number[] = [];
  readonly #limit: CinnamonLimit;

  constructor(private readonly options: CinnamonOptions) {
    this.holdMs = options.holdMs;
    this.#limit = new CinnamonLimit(options.initial);
  }

  get limit(): number {
    return this.#limit.value;
  }

  admit({ tier, cohort }: Request): Verdict {
    const level = tier * COHORTS + Math.floor(cohort * COHORTS);
    this.#recent[this.#seen++ % RECENT] = level;
    this.#came += 1;
    if (level > this.#threshold) return Verdict.ShedLevel;
    this.#passed += 1;
    return Verdict.Admit;
  }

  offered(): void {}

  sent(): void {
    this.#sent += 1;
  }

  sample(rttMs: number, nowMs: number, inflight: number): void {
    this.#limit.sample(rttMs, nowMs, inflight);
  }

  tick(nowMs: number, ...[, , , , , inflight]: [number, number, number, number, number, number]) {
    const elapsedMs = nowMs - this.#closedMs;
    if (elapsedMs < INTERVAL_MS) return;
    const free = Math.max(this.limit - inflight, 0);
    const error = (this.#passed - this.#sent - free) / Math.max(this.#came, 1);
    this.#threshold = this.#levelAt(1 - this.#share(Math.min(Math.max(error, -1), 1), elapsedMs));
    this.#closedMs = nowMs;
    this.#came = 0;
    this.#passed = 0;
    this.#sent = 0;
  }

  /** The integral is held where it alone would refuse nothing or all. */
  #share(error: number, elapsedMs: number): number {
    const { kp, ki } = this.options;
    const integral = this.#integral + (error * elapsedMs) / 1000;
    this.#integral = Math.min(Math.max(integral, 0), MOST_SHARE / ki);
    return Math.min(Math.max(kp * error + ki * this.#integral, 0), MOST_SHARE);
  }

  #levelAt(share: number): number {
    if (share >= 1) return Infinity;
    const sorted = this.#recent.toSorted((a, b) => a - b);
    return sorted[Math.floor(share * sorted.length)] ?? Infinity;
  }
}
