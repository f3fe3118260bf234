import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { readIntent } from "./intent-source.ts";

/**
 * Writes a whole set of files into the folder of intent, so that after a crash at any moment the folder comes to hold the
 * set before or the set after. First all of it goes into one journal file under a name that is no intent; from then on the
 * set is decided, and whoever starts next finishes it (`finishWrite`).
 */
export interface IntentFile {
  /** From the folder, with `/`: `shop/routes.yaml`. */
  readonly path: string;
  readonly text: string;
}

const JOURNAL = ".qmesh-apply.json";

/** Why it cannot be the name of a file of intent; undefined if it can. */
export function whyNoPath(path: string): string | undefined {
  const segments = path.split("/");
  if (path.length > 512) return "is longer than 512 characters";
  if (segments.some((each) => each === "" || each.startsWith(".")))
    return "must go down from the folder, without empty or hidden parts";
  if (/[\\\0]/.test(path)) return "has a character that no path of intent has";
  return /\.ya?ml$/.test(path) ? undefined : "must end in .yaml or .yml";
}

/** What the folder holds, by paths from it. */
export async function filesIn(folder: string): Promise<readonly IntentFile[]> {
  const files = await readIntent(folder);
  return files.map(({ file, text }) => ({
    path: relative(folder, file).split(sep).join("/"),
    text,
  }));
}

/** Files of intent that are not among `files` are removed; others are left alone. */
export async function writeIntent(folder: string, files: readonly IntentFile[]): Promise<void> {
  await replaceFile(join(folder, JOURNAL), JSON.stringify(files));
  await carryOut(folder, files);
}

/** Finishes what was begun when this machine or process went down. */
export async function finishWrite(folder: string): Promise<void> {
  const text = await readFile(join(folder, JOURNAL), "utf8").catch(() => undefined);
  if (text !== undefined) await carryOut(folder, JSON.parse(text) as IntentFile[]);
}

async function carryOut(folder: string, files: readonly IntentFile[]): Promise<void> {
  const before = new Map((await filesIn(folder)).map(({ path, text }) => [path, text]));
  for (const { path, text } of files) {
    if (before.get(path) === text) continue;
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await mustBeInside(folder, dirname(target));
    await replaceFile(target, text);
  }
  const kept = new Set(files.map(({ path }) => path));
  for (const path of before.keys()) if (!kept.has(path)) await rm(join(folder, path));
  await rm(join(folder, JOURNAL));
}

/** A link in the folder may point anywhere. */
async function mustBeInside(folder: string, parent: string): Promise<void> {
  const way = relative(await realpath(folder), await realpath(parent));
  if (way.startsWith("..")) throw new Error(`${parent} leads out of the folder of intent`);
}

async function replaceFile(path: string, text: string): Promise<void> {
  const next = join(dirname(path), ".qmesh-next");
  const file = await open(next, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
