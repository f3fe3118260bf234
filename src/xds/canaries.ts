import type { SnapshotCache } from "./cache.ts";
import type { NodeStatusTable } from "./node-status.ts";
import type { Schedule } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";
import { beginTrial, type CanaryOptions, look, retarget, type Trial } from "./trial.ts";

/** To whom a snapshot goes at first. */
export type Spread =
  /** Some nodes of the key, then the others; everybody where the server has no canaries. */
  | "canaries first"
  /** Whoever has the newest now; a trial that is under way goes on with it. */
  | "as before"
  /** Everybody, now. */
  | "all";

export interface Publication {
  /** "canaries first" unless told. */
  readonly spread?: Spread;
  /** For a new key, the one its nodes had: what they accepted there is their last good here. */
  readonly from?: string | undefined;
}

export type TrialEvent = {
  readonly kind: "canary";
  readonly state: "trying" | "held" | "passed";
} & Pick<Trial, "key" | "canaries" | "of" | "held">;

const LOOK_MS = 100;

/** The trials of a server: when each is looked at, and who is told. The law is `trial.ts`. */
export class Canaries {
  private readonly trials = new Map<string, Trial>();

  constructor(
    private readonly options: CanaryOptions | undefined,
    private readonly context: {
      readonly cache: SnapshotCache;
      readonly status: NodeStatusTable;
      readonly nowMs: () => number;
      readonly schedule: Schedule;
      readonly emit: (event: TrialEvent) => void;
    },
  ) {}

  list(): readonly Trial[] {
    return [...this.trials.values()];
  }

  drop(key: string): void {
    this.trials.delete(key);
  }

  publish(key: string, snapshot: Snapshot, how: Publication = {}): void {
    const { spread = "canaries first", from } = how;
    const { cache } = this.context;
    const before = this.trials.get(key);
    const trial = this.trialOf(key, snapshot, spread);
    if (trial === undefined) this.trials.delete(key);
    else this.trials.set(key, trial);
    cache.set(key, snapshot, { from, trial });
    if (trial === undefined || (before !== undefined && before.held === undefined)) return;
    this.tell(trial, "trying");
    this.plan(key);
  }

  private trialOf(key: string, wanted: Snapshot, spread: Spread): Trial | undefined {
    const { options, context } = this;
    const before = this.trials.get(key);
    if (options === undefined || spread === "all") return undefined;
    if (before?.held === undefined && before !== undefined && spread === "as before")
      return retarget(before, wanted);
    const base = before?.base ?? context.cache.servedToMost(key);
    const isUrgent = !context.cache.isSlow(key, wanted);
    if (base === undefined || spread === "as before" || isUrgent)
      return before === undefined ? undefined : retarget(before, wanted);
    const nodes = context.status.connectedOf(key);
    return beginTrial({ key, base, wanted, nodes, share: options.share, nowMs: context.nowMs() });
  }

  private plan(key: string): void {
    this.context.schedule(LOOK_MS, () => this.look(key));
  }

  private look(key: string): void {
    const { options, context } = this;
    const trial = this.trials.get(key);
    if (options === undefined || trial === undefined || trial.held !== undefined) return;
    const nodes = [...trial.canaries].map((nodeId) => context.status.get(nodeId));
    const next = look(trial, nodes, context.nowMs(), options);
    if (next === "passed") {
      this.trials.delete(key);
      context.cache.endTrial(key);
      this.tell(trial, "passed");
      return;
    }
    this.trials.set(key, next);
    if (next.held === undefined) this.plan(key);
    else this.tell(next, "held");
  }

  private tell({ key, canaries, of, held }: Trial, state: TrialEvent["state"]): void {
    this.context.emit({
      kind: "canary",
      state,
      key,
      canaries,
      of,
      ...(held !== undefined && { held }),
    });
  }
}
