import { createDeltaMachine, type DeltaRequest } from "../../src/xds/delta.ts";
import type { Action, StreamMachine, XdsResponse } from "../../src/xds/machine.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { createSotwMachine, type SotwRequest } from "../../src/xds/sotw.ts";
import {
  type Said,
  type ScriptRequest,
  type ScriptStatus,
  type Subject,
  WORDS,
} from "./scenario.ts";

/** Plays a script to one stream machine, without a wire. */
export class MachineSubject implements Subject {
  private nowMs = 0;
  private readonly machine: StreamMachine<DeltaRequest & SotwRequest>;

  constructor(form: "delta" | "sotw") {
    this.machine = form === "delta" ? createDeltaMachine() : createSotwMachine();
  }

  client(features: readonly string[]): void {
    this.machine.step({ kind: "client", features });
  }

  async publish(snapshot: Snapshot): Promise<readonly Said[]> {
    return said(this.machine.step({ kind: "snapshot", nowMs: this.nowMs, snapshot }));
  }

  async tick(nowMs: number): Promise<readonly Said[]> {
    this.nowMs = nowMs;
    return said(this.machine.step({ kind: "tick", nowMs }));
  }

  async request(request: ScriptRequest): Promise<readonly Said[]> {
    return said(this.machine.step({ kind: "request", nowMs: this.nowMs, request }));
  }

  status(typeUrl: string): ScriptStatus | undefined {
    const report = this.machine.reports().find((each) => each.typeUrl === typeUrl);
    if (report === undefined) return undefined;
    const { wanted, acked, hasRejection, rejections } = report;
    return {
      state: hasRejection ? "REJECTED" : acked === wanted ? "SYNCED" : "STALE",
      rejections,
    };
  }

  async close(): Promise<void> {}
}

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
