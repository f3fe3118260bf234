import { incrementMetric, nowUs, readMetric, recordMetric } from "./host.ts";

/**
 * What a VM that died left in the shared in-flight gauge. Four times a second every VM that serves adds its own streams to
 * the census gauge of that epoch; an epoch later the sum is complete and is held against what the in-flight gauge said:
 * `leaked = min over 10 epochs of (in flight - census)`, at least 0. In flight is the lesser of its readings before and after
 * the census, so neither rising nor falling traffic looks like a leak; what noise is left errs to both sides, a leak never. Epochs come from the monotonic clock, which
 * all VMs share, so nobody leads. Three gauges take turns: one being filled, one complete, one cleared for the next. The
 * gauge itself is not corrected, since every VM would do it; each subtracts, and `leaked` is published. Healed after 2.5 to 5 s.
 *
 * A VM that finds requests in flight when it is made takes the place of one that died, and tells the others by the epoch in
 * `reborn`. For 5 s each epoch then counts by itself: VMs that die again and again would else never see 10 of them, and what
 * they leave would fill the limit. Noise there errs to admitting some more. Healed after 0.5 s.
 */
const EPOCH_US: u64 = 250000;
const EPOCHS: u32 = 10;
/** How long after a VM has been replaced each epoch is weighed by itself. */
const HASTY_EPOCHS: u64 = 20;
const NOTHING_SEEN: i64 = i64.MAX_VALUE;

export class Census {
  private leakedNow: u64 = 0;
  private epoch: u64 = 0;
  /** The in-flight gauge when this VM was counted in the present epoch. */
  private counted: i64 = 0;
  private least: i64 = NOTHING_SEEN;
  private seen: u32 = 0;
  private isTold: bool = false;

  constructor(
    private readonly first: u32,
    private readonly second: u32,
    private readonly third: u32,
    private readonly published: u32,
    private readonly reborn: u32,
    /** Whether requests were in flight when this VM was made. */
    private readonly isReplacement: bool,
  ) {
    this.leakedNow = readMetric(published);
  }

  /** Requests the in-flight gauge holds that nobody serves. */
  get leaked(): u64 {
    return this.leakedNow;
  }

  /** `own`: this VM's streams in flight; `shared`: the gauge. */
  tick(nowUs: u64, own: u64, shared: u64): void {
    const epoch = nowUs / EPOCH_US;
    if (epoch === this.epoch) return;
    const counted = <i64>readMetric(this.gauge(epoch - 1));
    if (epoch === this.epoch + 1) {
      this.weigh(min<i64>(this.counted, <i64>shared) - counted, this.needed(epoch));
    } else if (this.epoch === 0 && this.isReplacement) {
      this.weigh(<i64>(shared - own) - counted, 1);
    } else {
      this.forget();
    }
    this.epoch = epoch;
    this.counted = <i64>shared;
    incrementMetric(this.gauge(epoch), own);
    recordMetric(this.gauge(epoch + 1), 0);
  }

  /** Once, with the first request: a VM may die with that one, before any tick. */
  tellReborn(): void {
    if (!this.isReplacement || this.isTold) return;
    this.isTold = true;
    recordMetric(this.reborn, nowUs() / EPOCH_US);
  }

  /** Epochs to weigh before the least difference counts. */
  private needed(epoch: u64): u32 {
    return epoch - readMetric(this.reborn) < HASTY_EPOCHS ? 1 : EPOCHS;
  }

  private weigh(difference: i64, needed: u32): void {
    this.least = min<i64>(this.least, difference);
    this.seen++;
    if (this.seen < needed) return;
    this.leakedNow = <u64>max<i64>(this.least, 0);
    recordMetric(this.published, this.leakedNow);
    this.forget();
  }

  private forget(): void {
    this.least = NOTHING_SEEN;
    this.seen = 0;
  }

  private gauge(epoch: u64): u32 {
    const turn = epoch % 3;
    if (turn === 0) return this.first;
    return turn === 1 ? this.second : this.third;
  }
}
