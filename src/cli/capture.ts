import { createWriteStream } from "node:fs";
import type { Logger } from "pino";
import type { EngineTracer } from "../control/engine-keeper.ts";
import { type EngineTraceLine, stateDigest } from "../decide/replay/engine-replay.ts";
import type { LedgerEvent } from "../evidence/ledger.ts";

/**
 * Writes all that decisions rest on into a file, for `qmesh replay`. It begins with the process, since evidence does. A disk that
 * does not keep up, or is full, ends the capture and nothing else: what is there up to then can be replayed.
 */
export interface Capture extends EngineTracer {
  readonly event: (event: LedgerEvent) => void;
  stop(): Promise<void>;
}

/** Unwritten bytes at which it gives up. */
const MOST_PENDING = 64 * 1024 * 1024;
/** The state is checked once a minute, and wherever something was decided. */
const STATE_EVERY_TICKS = 60;

export function openCapture(file: string, log: Logger): Capture {
  const stream = createWriteStream(file, { flags: "w" });
  let isOver = false;
  const giveUp = (why: string) => {
    if (isOver) return;
    isOver = true;
    log.error({ file, why }, "the capture has ended");
    stream.destroy();
  };
  stream.on("error", (error) => giveUp(error.message));
  const write = (line: EngineTraceLine) => {
    if (isOver) return;
    stream.write(`${JSON.stringify(line)}\n`);
    if (stream.writableLength > MOST_PENDING) giveUp("the disk does not keep up");
  };
  let digest: string | undefined;
  let isStarted = false;
  return {
    event: write,
    turn: ({ tick, policySet, orders, mesh, records, before, after }) => {
      if (!isStarted) write({ kind: "start", version: 1, state: before });
      isStarted = true;
      if (digest !== policySet.digest) write({ kind: "intent", policySet });
      digest = policySet.digest;
      const isChecked = records.length > 0 || tick % STATE_EVERY_TICKS === 0;
      const state = isChecked ? { state: stateDigest(after) } : {};
      write({ kind: "turn", tick, orders, mesh, records, ...state });
    },
    undone: (tick) => write({ kind: "undone", tick }),
    stop: () =>
      new Promise((resolve) => {
        if (isOver) resolve();
        else stream.end(() => resolve());
      }),
  };
}
