import { createDeltaMachine, type DeltaRequest } from "../../src/xds/delta.ts";
import type { XdsResponse } from "../../src/xds/discovery.ts";
import { Group } from "../../src/xds/group.ts";
import type { Action, StreamMachine } from "../../src/xds/machine.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { createSotwMachine, type SotwRequest } from "../../src/xds/sotw.ts";
import {
  type Said,
  type ScriptRequest,
  type ScriptStatus,
  type Subject,
  WORDS,
} from "./scenario.ts";

/** Plays a script to one stream machine, the only one of its group, without a wire. */
export class MachineSubject implements Subject {
  private nowMs = 0;
  private readonly machine: StreamMachine<DeltaRequest & SotwRequest>;
  private group: Group | undefined;

  constructor(form: "delta" | "sotw") {
    this.machine = form === "delta" ? createDeltaMachine() : createSotwMachine();
  }

  client(features: readonly string[]): void {
    this.machine.step({ kind: "client", features });
  }

  async publish(snapshot: Snapshot): Promise<readonly Said[]> {
    if (this.group === undefined) this.group = new Group(snapshot);
    else this.group.setSnapshot(snapshot);
    return said(this.aim());
  }

  private aim(): readonly Action[] {
    const snapshot = this.group?.servedTo({ streamId: STREAM_ID, nodeId: NODE_ID });
    if (snapshot === undefined) return [];
    return this.machine.step({ kind: "snapshot", nowMs: this.nowMs, snapshot });
  }

  async tick(nowMs: number): Promise<readonly Said[]> {
    this.nowMs = nowMs;
    return said(this.machine.step({ kind: "tick", nowMs }));
  }

  async request(request: ScriptRequest): Promise<readonly Said[]> {
    const actions = this.machine.step({ kind: "request", nowMs: this.nowMs, request });
    for (const action of actions) this.tellGroup(action);
    return said([...actions, ...this.aim()]);
  }

  private tellGroup(action: Action): void {
    if (action.kind === "acked") this.group?.accept(action.typeUrl, action.outcome.upserts);
    if (action.kind === "recalled") this.group?.accept(action.typeUrl, action.resources);
    if (action.kind !== "nacked" || action.outcome.blames === "none") return;
    const { typeUrl, message, outcome } = action;
    this.group?.refuse({
      streamId: STREAM_ID,
      nodeId: NODE_ID,
      typeUrl,
      resources: outcome.upserts,
      isAlone: outcome.blames === "one",
      message,
      nowMs: this.nowMs,
      others: () => [],
    });
  }

  status(typeUrl: string): ScriptStatus | undefined {
    const report = [...this.machine.reports()].find((each) => each.typeUrl === typeUrl);
    if (report === undefined) return undefined;
    const { wanted, acked, hasRejection, rejections } = report;
    return {
      state: hasRejection ? "REJECTED" : acked === wanted ? "SYNCED" : "STALE",
      rejections,
    };
  }

  async close(): Promise<void> {}
}

const STREAM_ID = 1;
const NODE_ID = "edge-1";

function said(actions: readonly Action[]): readonly Said[] {
  return actions.flatMap((action): Said[] => {
    if (action.kind === "unsupported-type") {
      return [{ kind: "unsupported", typeUrl: action.typeUrl }];
    }
    if (action.kind !== "send") return [];
    const { typeUrl, nonce } = action.response;
    return [{ kind: "response", typeUrl, nonce, words: wordsOf(action.response) }];
  });
}

function wordsOf({ resources, removed, errors, heartbeats, hasTtl }: XdsResponse): string[] {
  return [
    ...resources.map(({ value, ttlMs }) => WORDS.resource(value, hasTtl ? ttlMs : undefined)),
    ...removed.map(WORDS.removed),
    ...errors.map(({ name, message }) => WORDS.error(name, message)),
    ...heartbeats.map(({ name, ttlMs }) => WORDS.heartbeat(name, ttlMs)),
  ];
}
