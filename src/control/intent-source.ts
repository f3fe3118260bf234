import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedPlaces } from "../policy/parse.ts";
import { parseForUse } from "../policy/parse-for-use.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import type { Problem } from "../policy/problem.ts";
import { besideReader } from "./beside-file.ts";
import { Debounce } from "./debounce.ts";
import { FolderWatch } from "./folder-watch.ts";

/**
 * The intent directory: every `*.yaml` and `*.yml` below it, loaded whole or not at all. A change is read again once
 * the directory has been quiet for 50 ms, and a second after the first at the latest; a bad one leaves the last good set in force and its problems shown.
 */
export interface IntentState {
  /** The set in force; absent until one loaded. */
  readonly policySet?: PolicySet;
  /** Where its documents stand, by `Kind/name`. */
  readonly places?: ParsedPlaces;
  /** What the newest read found: errors if it was refused, warnings otherwise. */
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
  /** Whether the set in force is what the directory holds now. */
  readonly current: boolean;
}

/** Quiet time before a change is read: an editor or a copy writes a file in several steps. */
export const INTENT_DEBOUNCE_MS = 50;

/** A folder that is never quiet is read this often. */
const INTENT_DEBOUNCE_MAX_MS = 1000;

export async function readIntent(folder: string): Promise<{ file: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter(
      (entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name) && !entry.name.startsWith("."),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(file, "utf8") })));
}

/** Reads the folder once; `last` is the state before. Throws if the folder cannot be read at all. */
export async function loadIntent(folder: string, last?: IntentState): Promise<IntentState> {
  const files = await readIntent(folder);
  const names = files.map(({ file }) => file);
  const parsed = parseForUse(files, besideReader());
  if (parsed.ok)
    return {
      policySet: parsed.value,
      places: parsed.places,
      problems: parsed.problems,
      files: names,
      current: true,
    };
  const kept = last?.policySet === undefined ? {} : { policySet: last.policySet };
  return { ...kept, problems: parsed.problems, files: names, current: false };
}

export interface IntentWatch {
  stop(): void;
  /** Runs `write` while nothing is read, then reads; resolves when `onState` has had what was written. */
  rewrite(write: () => Promise<void>): Promise<void>;
}

/**
 * Calls `onState` after every change until it is stopped. Reads never overlap; a change during a read causes one more. A
 * read that fails is a state too.
 */
export function watchIntent(
  folder: string,
  first: IntentState,
  onState: (state: IntentState) => void,
): IntentWatch {
  let state = first;
  let reading = Promise.resolve();
  const read = async () => {
    state = await reload(watcher, folder, state).catch((error: Error) =>
      unreadable(folder, error, state),
    );
    onState(state);
  };
  const burst = new Debounce(
    {
      quietMs: INTENT_DEBOUNCE_MS,
      maxMs: INTENT_DEBOUNCE_MAX_MS,
      nowMs: () => performance.now(),
      schedule: (ms, fire) => {
        const timer = setTimeout(fire, ms);
        return () => clearTimeout(timer);
      },
    },
    () => {
      reading = reading.then(read);
    },
  );
  const watcher = new FolderWatch(folder, burst.touch);
  return {
    stop() {
      burst.stop();
      watcher.stop();
    },
    rewrite(write) {
      const written = reading.then(write);
      const done = written.then(read);
      reading = done.catch(() => undefined);
      return done;
    },
  };
}

async function reload(
  watcher: FolderWatch,
  folder: string,
  last: IntentState,
): Promise<IntentState> {
  watcher.scan();
  return loadIntent(folder, last);
}

function unreadable(folder: string, error: Error, last: IntentState): IntentState {
  const problem: Problem = {
    severity: "error",
    code: "QM0001",
    file: folder,
    line: 1,
    document: "",
    path: "",
    message: `cannot be read: ${error.message}`,
  };
  return { ...last, problems: [problem], current: false };
}
