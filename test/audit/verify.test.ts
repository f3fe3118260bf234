import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { chained, linkOf } from "../../src/audit/chain.ts";
import { checkpointsFile, headFile } from "../../src/audit/checkpoint-files.ts";
import { parsePublicKey, publicKeyFile } from "../../src/audit/key.ts";
import { AUDIT_STREAM } from "../../src/audit/record.ts";
import { type Sealed, verify } from "../../src/audit/verify.ts";
import type { Entry, Query } from "../../src/store/store.ts";
import { record } from "./records.ts";
import { openLog } from "./rig.ts";

/** A log as somebody with the database in hand sees it. */
interface Copy {
  entries: Entry[];
  head: number;
}

const SIZE = 600;
const SIGNED = [256, 512, SIZE];

describe("audit verify", () => {
  let sealed: Omit<Sealed, "store">;
  let original: Copy;

  before(async () => {
    const dir = temporaryFolder();
    const rig = await openLog(dir);
    await Promise.all(Array.from({ length: SIZE }, (_, i) => rig.log.append(record(i))));
    const entries = [...(await rig.store.read(AUDIT_STREAM, { limit: SIZE + 1 }))];
    original = { entries, head: await rig.store.head(AUDIT_STREAM) };
    await rig.close();
    sealed = {
      key: parsePublicKey(readFileSync(publicKeyFile(dir), "utf8")),
      checkpoints: readFileSync(checkpointsFile(dir), "utf8"),
      head: readFileSync(headFile(dir), "utf8"),
    };
  });

  const check = (copy: Copy, words = sealed) => verify({ ...words, store: asStore(copy) });
  const copy = (): Copy => ({ ...original, entries: [...original.entries] });

  it(`finds nothing wrong with ${SIZE} entries as they were written`, async () => {
    assert.deepEqual(await check(original), { ok: true, entries: SIZE, checkpoints: 4 });
  });

  it("finds 1,000 of 1,000 random mutations at the entry that was touched", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async ({ apply }) => {
        const changed = copy();
        const touched = apply(changed);

        const verdict = await check(changed);

        assert.ok(!verdict.ok, `not found at ${touched}`);
        assert.equal(verdict.index, touched, verdict.why);
        found++;
      }),
      { numRuns: 1000 },
    );
    assert.equal(found, 1000);
  });

  it("finds a tail that was cut off together with the store's own head, one entry or 500", async () => {
    for (const kept of [SIZE - 1, 512, 511, 100, 0]) {
      const cut = { entries: original.entries.slice(0, kept), head: kept };

      const verdict = await check(cut);

      assert.ok(!verdict.ok, `${kept} kept`);
      assert.equal(verdict.index, kept + 1);
      assert.match(verdict.why, /^is missing: a checkpoint was signed for 600 entries$/);
    }
  });

  it("finds entries chained properly behind or in place of the signed ones", async () => {
    const forged = copy();
    forged.entries = rechained(forged.entries, 300);
    const behind = copy();
    const last = linkOf(behind.entries.at(-1)!.body)!;
    behind.entries.push({ seq: SIZE + 1, body: chained(last, record(SIZE)).body });

    const [inPlace, after] = [await check(forged), await check(behind)];

    // Nobody can say which of the entries since the last good checkpoint it is: the chain itself holds.
    assert.deepEqual(inPlace, {
      ok: false,
      index: 512,
      why: "is not the one a checkpoint was signed for",
    });
    assert.deepEqual(after, {
      ok: false,
      index: SIZE + 1,
      why: "was put behind the end of the log",
    });
  });

  it("finds every change of a single character of a checkpoint, and any line taken away", async () => {
    const lines = sealed.checkpoints.trimEnd().split("\n");
    assert.equal(lines.length, 3);
    for (let i = 0; i < lines[1]!.length; i += 7) {
      const changed = lines.with(1, flipped(lines[1]!, i));
      const verdict = await check(original, { ...sealed, checkpoints: `${changed.join("\n")}\n` });
      assert.ok(!verdict.ok, `character ${i}`);
      assert.equal(verdict.index, 257);
    }
    for (const gone of [0, 1, 2]) {
      const rest = lines.toSpliced(gone, 1);
      const verdict = await check(original, { ...sealed, checkpoints: `${rest.join("\n")}\n` });
      assert.ok(!verdict.ok || gone === 2, `line ${gone}`);
    }
    assert.ok(!(await check(original, { ...sealed, checkpoints: `${lines[0]}\n` })).ok);
    assert.ok(!(await check(original, { ...sealed, checkpoints: "" })).ok);
    assert.ok(!(await check(original, { ...sealed, head: "" })).ok);
  });

  it("passes over the beginning of a checkpoint that a dying process left", async () => {
    const torn = `${sealed.checkpoints}{"at":"2026-`;

    assert.ok((await check(original, { ...sealed, checkpoints: torn })).ok);
  });

  it("does not believe a log that somebody else signed", async () => {
    const dir = temporaryFolder();
    await (await openLog(dir)).close();
    const key = parsePublicKey(readFileSync(publicKeyFile(dir), "utf8"));

    const verdict = await check(original, { ...sealed, key });

    assert.deepEqual(verdict, {
      ok: false,
      index: 1,
      why: "checkpoint 1 was signed by another key",
    });
  });
});

/** Gives the index that verify has to name. */
interface Mutation {
  readonly name: string;
  apply(copy: Copy): number;
}

const place = fc.nat(SIZE - 1);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ at: place, character: fc.nat(10_000) }).map(({ at, character }) => ({
    name: `flip ${character} of ${at}`,
    apply: ({ entries }: Copy) => {
      const { seq, body } = entries[at]!;
      entries[at] = { seq, body: flipped(body, character % body.length) };
      return at + 1;
    },
  })),
  place.map((at) => ({
    name: `delete ${at}`,
    apply: ({ entries }: Copy) => {
      entries.splice(at, 1);
      return at + 1;
    },
  })),
  place.map((at) => ({
    name: `delete ${at} and close the gap`,
    apply: (copy: Copy) => {
      copy.entries.splice(at, 1);
      renumber(copy);
      return at + 1;
    },
  })),
  fc.uniqueArray(place, { minLength: 2, maxLength: 2 }).map(([a = 0, b = 0]) => ({
    name: `swap ${a} ${b}`,
    apply: ({ entries }: Copy) => {
      const [first, second] = [entries[a]!, entries[b]!];
      entries[a] = { seq: first.seq, body: second.body };
      entries[b] = { seq: second.seq, body: first.body };
      return Math.min(a, b) + 1;
    },
  })),
  fc.record({ at: place, of: place }).map(({ at, of }) => ({
    name: `insert ${of} before ${at}`,
    apply: (copy: Copy) => {
      copy.entries.splice(at, 0, copy.entries[of]!);
      renumber(copy);
      // A double of itself is in its place; the second one is not.
      return at === of ? at + 2 : at + 1;
    },
  })),
  place.map((at) => ({
    name: `insert a new one before ${at}`,
    apply: (copy: Copy) => {
      const before = at === 0 ? undefined : linkOf(copy.entries[at - 1]!.body);
      const head = before ?? { index: 0, hash: linkOf(copy.entries[0]!.body)!.prev };
      copy.entries.splice(at, 0, { seq: 0, body: chained(head, record(9999)).body });
      renumber(copy);
      // It hashes and follows; but in the place of one that was signed for, or else the next is one too far.
      return SIGNED.includes(at + 1) ? at + 1 : at + 2;
    },
  })),
  place.map((kept) => ({
    name: `truncate to ${kept}`,
    apply: ({ entries }: Copy) => {
      entries.splice(kept);
      return kept + 1;
    },
  })),
);

function flipped(text: string, at: number): string {
  const other = text[at] === "a" ? "b" : "a";
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

function renumber(copy: Copy): void {
  copy.entries = copy.entries.map(({ body }, i) => ({ seq: i + 1, body }));
  copy.head = copy.entries.length;
}

/** From there on as if it had always been so, but for what was signed. */
function rechained(entries: readonly Entry[], from: number): Entry[] {
  let head = { index: from, hash: linkOf(entries[from - 1]!.body)!.hash };
  return entries.map((entry) => {
    if (entry.seq <= from) return entry;
    const next = chained(head, record(entry.seq, { actor: "nobody" }));
    head = next.head;
    return { seq: entry.seq, body: next.body };
  });
}

function asStore({ entries, head }: Copy): Sealed["store"] {
  return {
    read: async (_stream, { after = 0, limit, reverse = false }: Query) =>
      reverse
        ? entries.slice(-limit).reverse()
        : entries.filter(({ seq }) => seq > after).slice(0, limit),
    head: async () => head,
  };
}
