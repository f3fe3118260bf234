import { z } from "zod";
import type { Sent } from "../decide/alerts/delivery.ts";
import type { DecisionRecord } from "../decide/record.ts";
import {
  approveRun,
  begin,
  type Call,
  callOf,
  type Run,
  settleRun,
  stepRun,
} from "../decide/runbook/run.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Store } from "../store/store.ts";
import { StateDocument } from "./state-document.ts";

/** Runs of Runbooks over restarts: what was begun goes on at its step, under the same keys. */
export interface RunbookKeeperOptions {
  readonly store: Pick<Store, "get" | "put">;
  /** One sentence. */
  readonly onProblem: (why: string) => void;
}

const VERSION = 1;
const MOST_RUNS = 256;
const stored = z.array(z.looseObject({ id: z.string() }));

/** As an order to approve or reject comes in; the answer is the API's. */
interface Approval {
  readonly by: string;
  readonly roles: readonly string[];
  readonly what: { readonly kind: string; readonly decision?: string };
}

export class RunbookKeeper {
  #runs: readonly Run[] = [];
  #set: PolicySet | undefined;
  readonly #document: StateDocument<z.infer<typeof stored>>;

  constructor(private readonly options: RunbookKeeperOptions) {
    const shape = { key: "runbooks", version: VERSION, schema: stored };
    this.#document = new StateDocument(options.store, shape);
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  async load(): Promise<void> {
    const loaded = await this.#document.load();
    if (loaded.kind === "unusable") this.options.onProblem(loaded.why);
    if (loaded.kind === "loaded") this.#runs = loaded.value as unknown as readonly Run[];
  }

  setIntent(policySet: PolicySet): void {
    this.#set = policySet;
  }

  /** What the engine decided to run begins, what was begun goes on; resolves to what changed. */
  async turn(records: readonly DecisionRecord[], tick: number): Promise<readonly Run[]> {
    const fresh = records.flatMap(({ id, subject, body }) => {
      const service = this.#set?.policies.find(({ name }) => name === subject.name)?.scope.service;
      const about = {
        decision: id,
        policy: subject.name,
        ...(service !== undefined && { service }),
      };
      return (body.runs ?? []).map((runbook) => begin({ ...about, runbook }, tick));
    });
    const all = new Map([...fresh, ...this.#runs].map((run) => [run.id, run]));
    const newest = [...all.values()]
      .sort((a, b) => a.startedTick - b.startedTick)
      .slice(-MOST_RUNS);
    return this.#become(newest.map((run) => stepRun(run, this.#runbookOf(run), tick)));
  }

  calls(tick: number): readonly Call[] {
    return this.#runs.flatMap((run) => callOf(run, this.#runbookOf(run), tick) ?? []);
  }

  async settle(id: string, sent: Sent, tick: number): Promise<readonly Run[]> {
    return this.#become(
      this.#runs.map((run) =>
        run.id === id ? stepRun(settleRun(run, sent, tick), this.#runbookOf(run), tick) : run,
      ),
    );
  }

  /** Undefined: it is about no run. */
  async answer({ what, by, roles }: Approval, tick: number) {
    const run = this.#runs.find(({ id }) => id === what.decision);
    if (run === undefined || (what.kind !== "approve" && what.kind !== "reject")) return undefined;
    const isYes = what.kind === "approve";
    const next = approveRun(run, this.#runbookOf(run), { by, roles, isYes }, tick);
    if (typeof next === "string")
      return { ok: false as const, kind: "conflict" as const, why: `${next}.` };
    await this.#become(this.#runs.map((each) => (each === run ? next : each)));
    return { ok: true as const };
  }

  #runbookOf({ runbook }: Run) {
    return this.#set?.runbooks.find(({ name }) => name === runbook);
  }

  async #become(runs: readonly Run[]): Promise<readonly Run[]> {
    const before = new Set(this.#runs);
    this.#runs = runs;
    const changed = runs.filter((run) => !before.has(run));
    try {
      if (changed.length > 0) await this.#document.save(runs as unknown as z.infer<typeof stored>);
    } catch (error) {
      this.options.onProblem(`runs of Runbooks cannot be stored: ${(error as Error).message}`);
    }
    return changed;
  }
}
