import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { wholeLines } from "./checkpoint.ts";

/**
 * Two files beside the database: all checkpoints, one a line, and the newest word on the head, replaced after every append.
 */
export class CheckpointFiles {
  readonly #checkpoints: string;
  readonly headFile: string;
  #lastLine: string | undefined;

  constructor(dir: string) {
    this.#checkpoints = checkpointsFile(dir);
    this.headFile = headFile(dir);
    const text = readIfThere(this.#checkpoints);
    this.#lastLine = wholeLines(text).at(-1);
  }

  /** The newest checkpoint. */
  get lastLine(): string | undefined {
    return this.#lastLine;
  }

  /** Flushed to disk. Throws what the disk says; then nothing of the line is left. */
  append(line: string): void {
    this.#cutTornLine();
    const file = openSync(this.#checkpoints, "a", 0o600);
    try {
      const bytes = Buffer.from(`${line}\n`);
      if (writeSync(file, bytes) !== bytes.length) throw new Error("the disk is full");
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#lastLine = line;
  }

  /** Undefined before the first. */
  get head(): string | undefined {
    return wholeLines(readIfThere(this.headFile)).at(-1);
  }

  setHead(line: string): void {
    const next = `${this.headFile}.next`;
    writeFileSync(next, `${line}\n`, { mode: 0o600 });
    renameSync(next, this.headFile);
  }

  /** A process or a disk that ended in the middle of a line leaves its beginning. */
  #cutTornLine(): void {
    const text = readIfThere(this.#checkpoints);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) truncateSync(this.#checkpoints, Buffer.byteLength(whole));
  }
}

export function checkpointsFile(dir: string): string {
  return join(dir, "audit-checkpoints.jsonl");
}

export function headFile(dir: string): string {
  return join(dir, "audit-head.json");
}

export function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
