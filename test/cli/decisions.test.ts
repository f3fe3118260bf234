import assert from "node:assert/strict";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { listRecords } from "../../src/api/model/audit.ts";
import { listDecisions } from "../../src/api/model/decisions.ts";
import { AuditReader } from "../../src/audit/reader.ts";
import type { AuditRecord } from "../../src/audit/record.ts";
import { record, timeOf } from "../audit/records.ts";
import { type LogRig, openLog } from "../audit/rig.ts";
import { type ExampleServer, exampleServer } from "../support/operators/example-server.ts";
import { runQmesh } from "../support/run-cli.ts";

/** A decision a second, of two Policies in turn; every tenth record is a login, which is none. */
const RECORDS = 1500;
const decided = (tick: number): Partial<AuditRecord> => ({
  kind: tick % 10 === 0 ? "login" : tick % 2 === 0 ? "decision" : "page",
  subject: { kind: "Policy", name: tick % 2 === 0 ? "relief" : "shift" },
  body: { verdict: "hold", because: [`It is second ${tick}.`], causes: [] },
});

describe("qmesh decisions in a window of time", () => {
  const folder = temporaryFolder();
  let rig: LogRig;
  let server: ExampleServer;

  before(async () => {
    rig = await openLog(folder);
    const ticks = Array.from({ length: RECORDS }, (_, tick) => tick);
    await Promise.all(ticks.map((tick) => rig.log.append(record(tick, decided(tick)))));
    const reader = new AuditReader(rig.store);
    server = await exampleServer(
      {},
      {
        model: {
          decisions: (query) => listDecisions({ reader, serviceOf: () => undefined }, query),
          audit: (query) => listRecords(reader, query),
        },
      },
    );
  });
  after(async () => {
    await server.stop();
    await rig.close();
  });

  async function shown(...words: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await runQmesh(
      ...["decisions", "--server", server.url, "-o", "json", ...words],
    );
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
  }
  const ids = (from: number, to: number, isWanted: (tick: number) => boolean = () => true) =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at)
      .filter((tick) => tick % 10 !== 0 && isWanted(tick))
      .map((tick) => `d-${tick}`);

  it("shows the newest 100 of 1,350 without one, the oldest first", async () => {
    assert.deepEqual(await shown(), ids(0, RECORDS - 1).slice(-100));
  });

  it("shows all 1,350 since the first second, over 2 pages, and both ends of a window", async () => {
    assert.deepEqual(await shown("--since", timeOf(0)), ids(0, RECORDS - 1));
    assert.deepEqual(await shown("--since", timeOf(11), "--until", timeOf(1212)), ids(11, 1212));
  });

  it("shows the newest 100 before a time that stands alone", async () => {
    assert.deepEqual(await shown("--until", timeOf(700)), ids(0, 700).slice(-100));
  });

  it("keeps to a Policy and a kind within the window", async () => {
    const words = ["--since", timeOf(100), "--until", timeOf(900)];

    assert.deepEqual(
      await shown(...words, "--subject", "shift"),
      ids(100, 900, (tick) => tick % 2 === 1),
    );
    assert.deepEqual(
      await shown(...words, "--kind", "decision"),
      ids(100, 900, (tick) => tick % 2 === 0),
    );
  });

  it("takes a time as tables print it, in UTC, and ends at it with -f", async () => {
    const [since = "", until = ""] = [timeOf(21), timeOf(23)].map((at) =>
      at.slice(0, 19).replace("T", " "),
    );
    const { code, stdout } = await runQmesh(
      ...["decisions", "--server", server.url, "-f", "--since", since, "--until", until],
    );

    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/It is second \d+/g), [
      "It is second 21",
      "It is second 22",
      "It is second 23",
    ]);
  });

  it("goes back 5 minutes by 5m: to what is older nothing belongs", async () => {
    assert.deepEqual(await shown("--since", "5m"), []);
  });

  for (const [words, said] of [
    [["--since", "yesterday"], /such as 5m or 7d/],
    [["--until", "2026-13-01"], /such as 5m or 7d/],
    [["--since", timeOf(9), "--until", timeOf(8)], /is after --until/],
    [["--kind", "login"], /decision, action, outcome/],
  ] as const)
    it(`refuses ${words.join(" ")}: exit 2`, async () => {
      const { code, stderr } = await runQmesh("decisions", "--server", server.url, ...words);

      assert.equal(code, 2);
      assert.match(stderr, said);
    });

  it("reads the audit log within times too, and refuses a kind it does not have", async () => {
    const audit = async (query: string) => {
      const response = await fetch(`${server.url}/v1/audit?${query}`);
      const { items = [], errors } = (await response.json()) as {
        items?: { id: string }[];
        errors?: unknown[];
      };
      return { status: response.status, ids: items.map(({ id }) => id), errors: errors?.length };
    };

    assert.deepEqual(await audit(`from=${timeOf(40)}&to=${timeOf(42)}`), {
      ...{ status: 200, ids: ["d-42", "d-41", "d-40"], errors: undefined },
    });
    assert.deepEqual(await audit(`from=${timeOf(40)}&to=${timeOf(60)}&kind=login`), {
      ...{ status: 200, ids: ["d-60", "d-50", "d-40"], errors: undefined },
    });
    assert.deepEqual(await audit("kind=logins"), { status: 400, ids: [], errors: 1 });
  });
});
