import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import { type AuditLog, openAuditLog } from "../audit/log.ts";
import { AuditReader } from "../audit/reader.ts";
import { AUDIT_FIELDS } from "../audit/record.ts";
import type { ActionTracker, TrackedNode } from "../control/action-progress.ts";
import type { CapacityKeeper } from "../control/capacity-keeper.ts";
import { openCapacity } from "../control/capacity-state.ts";
import { storedJournal } from "../control/engine-journal.ts";
import { EngineKeeper, type EngineTracer } from "../control/engine-keeper.ts";
import type { ControlLoop } from "../control/loop.ts";
import { type Holder, Progress, refusedRatio } from "../control/progress.ts";
import { goodRuleOf } from "../decide/act/action.ts";
import { armOf, isIn, type NodeShare } from "../decide/act/node-share.ts";
import { type Account, accountsOf } from "../decide/engine/accounts.ts";
import { toRecord } from "../decide/engine/news.ts";
import type { DecisionRecord } from "../decide/record.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { StoreUnusable } from "../store/database.ts";
import { type LibsqlStore, openLibsqlStore } from "../store/libsql-store.ts";
import { Failure } from "./exit-code.ts";

/** What a control plane remembers: one folder, one process that writes it. */
export interface Memory {
  readonly store: LibsqlStore;
  readonly audit: AuditLog;
  readonly reader: AuditReader;
  readonly capacity: CapacityKeeper;
  readonly keeper: EngineKeeper;
  close(): Promise<void>;
}

const now = () => new Date();
const nowMs = () => performance.now();

/** Rejects with a Failure of one sentence if the folder cannot be used. */
export async function openMemory(
  dir: string,
  log: Logger,
  onRecords: (records: readonly DecisionRecord[]) => void,
  tracer?: EngineTracer,
): Promise<Memory> {
  const store = openStore(dir);
  const onProblem = (why: string) => log.warn({ why }, "state could not be used");
  const audit = await openAuditLog({ store, dir, now }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  if (audit.damage !== undefined) log.error({ damage: audit.damage }, "audit log damaged");
  const keeper = new EngineKeeper(
    storedJournal({ store, audit, now, onProblem }),
    onRecords,
    tracer,
  );
  await keeper.load();
  return {
    store,
    audit,
    reader: new AuditReader(store),
    capacity: await openCapacity(store, onProblem),
    keeper,
    close: async () => {
      await audit.close();
      await store.close();
    },
  };
}

function openStore(dir: string): LibsqlStore {
  try {
    return openLibsqlStore({ dir, fields: AUDIT_FIELDS, nowMs });
  } catch (error) {
    if (error instanceof StoreUnusable) throw new Failure(error.message);
    throw error;
  }
}

/** The engine's seconds: judge, store, act, and see that every Envoy followed. */
export interface AutomationOptions {
  readonly memory: Memory;
  readonly loop: ControlLoop;
  readonly log: Logger;
  /** Of complete seconds before a tick. */
  readonly evidence: (tick: number) => Evidence;
  /** What was judged of the newest complete second. */
  readonly account: (accounts: readonly Account[]) => void;
  /** Ids of the Envoys that count requests of a service, or of any. */
  readonly nodesOf: (service: string | undefined) => readonly string[];
  readonly holders: () => readonly (Holder & TrackedNode)[];
  readonly tracker: ActionTracker;
  /** A turn was made, with its writing down. */
  readonly onTurn?: (seconds: number) => void;
}

export class Automation {
  readonly #progress = new Progress();
  #stuck: string | undefined;
  #accountedTick: number | undefined;
  #compared: readonly {
    readonly id: string;
    readonly nodes: NodeShare;
    readonly service: string;
  }[] = [];

  constructor(private readonly options: AutomationOptions) {}

  /** Before the first intent is published: what was in force when the process before ended. */
  resume(policySet: PolicySet): void {
    const { memory, loop } = this.options;
    loop.act(memory.keeper.resume(policySet, Math.floor(Date.now() / 1000)));
  }

  /** Once a second; never rejects. */
  async tick(): Promise<void> {
    const { memory, loop, log, evidence, nodesOf } = this.options;
    const { policySet } = loop;
    if (policySet === undefined) return;
    // Before the next one begins: what all hold by now is done.
    this.#look();
    const now = Date.now() / 1000;
    const tick = Math.floor(now);
    const causes: string[] = [];
    const beganMs = nowMs();
    try {
      const seen = evidence(tick);
      this.#account(policySet, seen);
      const records = await memory.keeper.turn(policySet, seen, tick, {
        refusedRatio: refusedRatio(this.options.holders()),
        nodesOf,
      });
      causes.push(...records.map(({ id }) => id));
    } catch (error) {
      log.error({ err: error }, "the engine failed on a tick; what is in force stays");
      return;
    }
    this.#noteStuck();
    this.#noteCompared(policySet);
    const sinceMs = nowMs();
    const evaluationSeconds = (sinceMs - beganMs) / 1000;
    this.options.onTurn?.(evaluationSeconds);
    if (loop.act(memory.keeper.actions))
      this.#progress.begin({ causes, sinceMs, ingestSeconds: now - tick, evaluationSeconds });
    this.#track(tick);
  }

  /** What objectives make of the seconds that were closed since. */
  #account(policySet: PolicySet, seen: Evidence): void {
    const since = this.#accountedTick ?? seen.tick - 1;
    this.options.account(accountsOf(policySet, seen, since));
    this.#accountedTick = seen.tick;
  }

  /** What some Envoys refuse is taken back from the others by the engine, which is told as of any order. */
  #track(tick: number): void {
    const { memory, tracker, holders, log } = this.options;
    for (const { action, why } of tracker.look(memory.keeper.actions, holders(), tick)) {
      log.warn({ action: action.id, why }, "an action is held by some of its Envoys only");
      const what = { kind: "refused" as const, action: action.id };
      void memory.keeper.order({ by: "envoys", roles: [], reason: why, what });
    }
  }

  noteSent(): void {
    this.#progress.noteSent(nowMs());
  }

  /** An Envoy took or refused something. */
  noteAnswer(): void {
    this.#progress.noteAnswer(nowMs());
  }

  /** What the requests of a service at a node count for beside the service: actions that do not hold on every Envoy. */
  cohortsOf(nodeId: string, service: string): readonly string[] {
    return this.#compared
      .filter((each) => each.service === service)
      .map(({ id, nodes }) => armOf(id, isIn(nodes, nodeId) ? "treated" : "held"));
  }

  /** Names under which what shadows would refuse is counted, by the rule's. */
  shadows(): ReadonlyMap<string, string> {
    const { actions } = this.options.memory.keeper;
    const denials = actions.filter(({ move }) => move.kind === "deny");
    return new Map(
      denials.map(({ id, isShadow }) =>
        isShadow ? [id, armOf(id, "shadow")] : [goodRuleOf(id), armOf(id, "good")],
      ),
    );
  }

  #noteCompared({ policies, slos }: PolicySet): void {
    this.#compared = this.options.memory.keeper.actions.flatMap(({ id, by, nodes }) => {
      const signal = policies.find(({ name }) => name === by.name)?.verify?.signal;
      const slo = slos.find(({ name }) => name === signal);
      return nodes === undefined || slo === undefined ? [] : [{ id, nodes, service: slo.service }];
    });
  }

  #look(): void {
    const { memory, loop, log, holders } = this.options;
    const news = this.#progress.look(holders(), nowMs());
    if (news === undefined) return;
    const at = {
      tick: Math.floor(Date.now() / 1000),
      policySetDigest: loop.policySet?.digest ?? "",
    };
    memory.keeper.tell(toRecord(news, at)).catch((error: Error) => {
      log.warn({ why: error.message }, "what came of a push could not be kept");
    });
  }

  #noteStuck(): void {
    const { memory, log } = this.options;
    const { stuck } = memory.keeper;
    if (stuck !== this.#stuck && stuck !== undefined) {
      log.error({ why: stuck }, "nothing is decided while it cannot be written down");
    }
    this.#stuck = stuck;
  }
}
