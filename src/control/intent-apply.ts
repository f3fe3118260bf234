import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { changesBetween, type DocumentChange } from "../policy/changes.ts";
import { formatProblem } from "../policy/format.ts";
import { parseForUse } from "../policy/parse-for-use.ts";
import { besideReader } from "./beside-file.ts";
import type { IntentWatch } from "./intent-source.ts";
import { filesIn, type IntentFile, whyNoPath, writeIntent } from "./intent-writer.ts";
import type { ControlLoop } from "./loop.ts";

/** A change of intent that comes from outside instead of from the folder: checked whole, then written into the folder. */
export interface IntentChange {
  /** All files there shall be; or documents to take out, as `Kind/name`. */
  readonly to: readonly IntentFile[] | { readonly without: readonly string[] };
  /** Digest of the set the caller has seen; absent: whatever is in force. */
  readonly since?: string;
  readonly allowShrink: boolean;
  /** Say what would come of it, and change nothing. */
  readonly isTrial: boolean;
}

export type IntentAnswer =
  | {
      readonly ok: true;
      readonly digest: string;
      readonly changes: readonly DocumentChange[];
      /** Of a trial: what it would be held for. */
      readonly held: readonly string[];
    }
  | {
      readonly ok: false;
      readonly kind: "unknown" | "conflict" | "invalid" | "unavailable" | "stale";
      readonly why: string;
    };

type Refusal = Extract<IntentAnswer, { ok: false }>;

export class IntentApplier {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly loop: ControlLoop,
    private readonly watch: Pick<IntentWatch, "rewrite">,
  ) {}

  /** One after the other, so that `since` means something. */
  apply(change: IntentChange): Promise<IntentAnswer> {
    const answer = this.#last.then(() => this.#apply(change));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #apply(change: IntentChange): Promise<IntentAnswer> {
    const { loop } = this;
    const inForce = loop.policySet;
    if (change.since !== undefined && change.since !== inForce?.digest) {
      return refuse(
        "stale",
        `${change.since} is not in force, but ${inForce?.digest ?? "nothing"}`,
      );
    }
    const files = await this.#filesOf(change);
    if ("ok" in files) return files;
    const parsed = parseForUse(...this.#asRead(files));
    if (!parsed.ok) {
      const errors = parsed.problems.filter(({ severity }) => severity === "error");
      return refuse("invalid", errors.map(formatProblem).join("\n"));
    }
    const { digest } = parsed.value;
    const changes = changesBetween(inForce, parsed.value);
    const tried = loop.tryOut(parsed.value);
    if (tried.failure !== undefined) return refuse("invalid", tried.failure);
    const held = change.allowShrink ? [] : tried.shrinks;
    if (change.isTrial) return { ok: true, digest, changes, held };
    if (held.length > 0) return refuse("conflict", `${held.join("; ")}: meant so? --allow-shrink`);
    loop.allow(digest, { shrink: change.allowShrink });
    try {
      await this.watch.rewrite(() => writeIntent(this.folder, files));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return refuse("unavailable", `${this.folder} cannot be written (${code ?? message})`);
    }
    if (loop.policySet?.digest === digest) return { ok: true, digest, changes, held: [] };
    return refuse("unavailable", loop.failure ?? "something else was written into the folder");
  }

  async #filesOf({ to }: IntentChange): Promise<readonly IntentFile[] | Refusal> {
    if ("without" in to) return withoutDocuments(await filesIn(this.folder), to.without);
    const bad = to.flatMap(({ path }) => {
      const why = whyNoPath(path);
      return why === undefined ? [] : [`${path} ${why}`];
    });
    if (bad.length > 0) return refuse("invalid", bad.join("; "));
    if (new Set(to.map(({ path }) => path)).size < to.length)
      return refuse("invalid", "two files have one path");
    return to;
  }

  /** As the folder will be read once they are in it. */
  #asRead(files: readonly IntentFile[]): Parameters<typeof parseForUse> {
    const sources = files.map(({ path, text }) => ({ file: join(this.folder, path), text }));
    const texts = new Map(sources.map(({ file, text }) => [file, text]));
    const readOther = besideReader();
    const read: typeof readOther = (documentFile, path) => {
      const absolutePath = join(documentFile, "..", path);
      const text = texts.get(absolutePath);
      return text === undefined ? readOther(documentFile, path) : { ok: true, absolutePath, text };
    };
    return [sources, read];
  }
}

/** Takes the text of these documents out, and leaves all else, comments too, as it is written. */
function withoutDocuments(
  files: readonly IntentFile[],
  names: readonly string[],
): readonly IntentFile[] | Refusal {
  const missing = new Set(names);
  const left = files.flatMap(({ path, text }) => {
    const kept: string[] = [];
    let hasRemoved = false;
    for (const document of parseAllDocuments(text)) {
      const json = document.toJS() as { kind?: unknown; metadata?: { name?: unknown } } | null;
      const name = `${json?.kind}/${json?.metadata?.name}`;
      if (names.includes(name)) {
        missing.delete(name);
        hasRemoved = true;
      } else if (json !== null) kept.push(text.slice(document.range[0], document.range[1]));
    }
    if (!hasRemoved) return [{ path, text }];
    return kept.length === 0 ? [] : [{ path, text: kept.map(asDocument).join("---\n") }];
  });
  if (missing.size === 0) return left;
  return refuse("unknown", `there is no ${[...missing].join(", no ")} in the folder of intent`);
}

function asDocument(text: string): string {
  const body = text.replace(/^---\s*\n/, "").replace(/^\s*\n/, "");
  return body.endsWith("\n") ? body : `${body}\n`;
}

function refuse(kind: Refusal["kind"], why: string): Refusal {
  return { ok: false, kind, why: /[.\n]$/.test(why) ? why : `${why}.` };
}
