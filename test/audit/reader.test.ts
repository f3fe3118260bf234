import assert from "node:assert/strict";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { AuditReader } from "../../src/audit/reader.ts";
import { record, timeOf } from "./records.ts";
import { type LogRig, openLog } from "./rig.ts";

const KINDS = ["decision", "action", "outcome"] as const;
const SIZE = 2700;

/** Record `i`: kinds in turn; `Rollout/checkout` but each tenth `Service/checkout` and each hundredth `Policy/rare`. */
function subjectOf(i: number): { kind: string; name: string } {
  if (i % 100 === 0) return { kind: "Policy", name: "rare" };
  return { kind: i % 10 === 0 ? "Service" : "Rollout", name: "checkout" };
}

describe("AuditReader", () => {
  let folder: string;
  let rig: LogRig;
  let reader: AuditReader;

  before(async () => {
    folder = temporaryFolder();
    rig = await openLog(folder);
    await Promise.all(
      Array.from({ length: SIZE }, (_, i) =>
        rig.log.append(record(i, { kind: KINDS[i % 3]!, subject: subjectOf(i) })),
      ),
    );
    reader = new AuditReader(rig.store);
  });
  after(async () => {
    await rig.close();
  });

  /** Every page of a question; ticks from 0. */
  const all = async (query: Omit<Parameters<AuditReader["list"]>[0], "before">) => {
    const ticks: number[] = [];
    let before: number | undefined;
    do {
      const page = await reader.list({ ...query, ...(before === undefined ? {} : { before }) });
      assert.ok(page.records.length <= query.limit);
      ticks.push(...page.records.map(({ id }) => Number(id.slice(2))));
      before = page.next;
    } while (before !== undefined);
    return ticks;
  };
  const ticksWhere = (holds: (i: number) => boolean) =>
    Array.from({ length: SIZE }, (_, i) => SIZE - 1 - i).filter(holds);

  it("finds one by its id, and nothing by another", async () => {
    assert.deepEqual(
      await reader.find("d-1234"),
      record(1234, { kind: KINDS[1], subject: subjectOf(1234) }),
    );
    assert.equal(await reader.find("d-12345"), undefined);
  });

  it("pages through all of 2,700, newest first", async () => {
    assert.deepEqual(
      await all({ limit: 1000 }),
      ticksWhere(() => true),
    );
  });

  it("tells subjects of one name apart", async () => {
    const subject = { kind: "Service", name: "checkout" };

    assert.deepEqual(
      await all({ limit: 100, subject }),
      ticksWhere((i) => i % 10 === 0 && i % 100 !== 0),
    );
  });

  it("cuts by time, both ends included, alone and with a kind", async () => {
    const window = { from: timeOf(100), to: timeOf(199) };

    assert.deepEqual(
      await all({ limit: 7, ...window }),
      ticksWhere((i) => i >= 100 && i <= 199),
    );
    assert.deepEqual(
      await all({ limit: 7, ...window, kind: "outcome" }),
      ticksWhere((i) => i >= 100 && i <= 199 && i % 3 === 2),
    );
    assert.deepEqual(
      await all({ limit: 50, to: timeOf(10) }),
      ticksWhere((i) => i <= 10),
    );
  });

  it("finds the few of a rare subject and kind in few steps", async () => {
    const subject = { kind: "Policy", name: "rare" };

    const page = await reader.list({ subject, kind: "action", limit: 100 });

    assert.deepEqual(
      page.records.map(({ id }) => Number(id.slice(2))),
      ticksWhere((i) => i % 100 === 0 && i % 3 === 1),
    );
    assert.equal(page.next, undefined);
  });

  it("looks at no more than 2,000 entries for a page, and says where to go on", async () => {
    const subject = { kind: "Gateway", name: "checkout" };

    const page = await reader.list({ subject, limit: 100 });

    assert.deepEqual(page.records, []);
    assert.ok(page.next !== undefined && page.next > 0);
    assert.deepEqual(await all({ subject, limit: 100 }), []);
  });
});
