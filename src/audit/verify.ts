import type { Store } from "../store/store.ts";
import { linkOf } from "./chain.ts";
import { type Checkpoint, lineHash, NO_LINE, readCheckpoint, wholeLines } from "./checkpoint.ts";
import type { PublicAuditKey } from "./key.ts";
import { AUDIT_STREAM } from "./record.ts";

/**
 * Whether the log is what was written: every entry hashes to what it says, follows the one before, and bears out every
 * checkpoint; nothing is missing at the end and nothing was put behind it. Needs the public key only.
 */
export interface Sealed {
  /** The entries. */
  readonly store: Pick<Store, "read" | "head">;
  readonly key: PublicAuditKey;
  /** Text of the file of checkpoints. */
  readonly checkpoints: string;
  /** Text of the head's file; read before the entries, if somebody is writing. */
  readonly head: string;
}

export type Verdict =
  | { readonly ok: true; readonly entries: number; readonly checkpoints: number }
  | Wrong;

export interface Wrong {
  readonly ok: false;
  /** The first entry that is wrong, or that nothing vouches for. */
  readonly index: number;
  /** End of a sentence about it, or about what should vouch for it. */
  readonly why: string;
}

const PAGE = 1000;

export async function verify(sealed: Sealed): Promise<Verdict> {
  const { checkpoints, fault } = readWords(sealed);
  const walked = await walk(sealed, checkpoints);
  if (fault === undefined) return walked;
  return !walked.ok && walked.index < fault.index ? walked : fault;
}

interface Words {
  /** Those that hold; of one that does not, and all after it, nothing is believed. */
  readonly checkpoints: readonly Checkpoint[];
  readonly fault: Wrong | undefined;
}

function readWords({ key, checkpoints: text, head: headText }: Sealed): Words {
  const lines = wholeLines(text);
  const checkpoints: Checkpoint[] = [];
  const wrong = (why: string): Words => {
    const index = Math.max(0, ...checkpoints.map(({ size }) => size)) + 1;
    return { checkpoints, fault: { ok: false, index, why } };
  };
  for (const [i, line] of lines.entries()) {
    const read = readCheckpoint(line, key);
    if (typeof read === "string") return wrong(`checkpoint ${i + 1} ${read}`);
    if (read.previous !== lineHash(lines[i - 1]))
      return wrong(`checkpoint ${i + 1} does not follow the one before it`);
    checkpoints.push(read);
  }
  const [headLine] = wholeLines(headText);
  const head = headLine === undefined ? "is missing" : readCheckpoint(headLine, key);
  if (typeof head === "string") return wrong(`the head's file ${head}`);
  // A process that ended between the two files leaves one checkpoint the head does not know.
  const known = [lines.at(-1), lines.at(-2)].map(lineHash);
  if (!known.includes(head.previous) && !(lines.length < 2 && head.previous === NO_LINE))
    return wrong("the head's file does not follow the last checkpoint");
  return { checkpoints: [...checkpoints, head], fault: undefined };
}

async function walk({ store, key }: Sealed, checkpoints: readonly Checkpoint[]): Promise<Verdict> {
  const expected = new Map<number, Set<string>>();
  for (const { size, hash } of checkpoints)
    expected.set(size, (expected.get(size) ?? new Set()).add(hash));
  // In this order, or an entry added between the two would look like one put behind the end.
  const [last] = await store.read(AUDIT_STREAM, { limit: 1, reverse: true });
  const size = await store.head(AUDIT_STREAM);
  let prev = key.fingerprint;
  let index = 0;
  const wrong = (why: string): Verdict => ({ ok: false, index, why });
  while (index < size) {
    const page = await store.read(AUDIT_STREAM, { after: index, limit: PAGE });
    for (const { seq, body } of page) {
      if (index === size) break;
      index++;
      if (seq !== index) return wrong("is missing");
      const link = linkOf(body);
      if (link === undefined) return wrong("is not what was written: its hash does not fit");
      if (link.index !== index)
        return wrong(`stands where it does not belong: it was entry ${link.index}`);
      if (link.prev !== prev) return wrong("does not follow the one before it");
      prev = link.hash;
      const hashes = expected.get(index);
      if (hashes !== undefined && (hashes.size > 1 || !hashes.has(prev)))
        return wrong("is not the one a checkpoint was signed for");
    }
    if (page.length === 0) {
      index++;
      return wrong("is missing, and all after it");
    }
  }
  index++;
  if (last !== undefined && last.seq > size) return wrong("was put behind the end of the log");
  const longest = Math.max(0, ...checkpoints.map((checkpoint) => checkpoint.size));
  if (longest > size) return wrong(`is missing: a checkpoint was signed for ${longest} entries`);
  return { ok: true, entries: size, checkpoints: checkpoints.length };
}
