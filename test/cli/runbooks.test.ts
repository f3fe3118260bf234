import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { sender } from "../../src/adapters/outbound/outbound.ts";
import { reachOf } from "../../src/adapters/outbound/reach.ts";
import { Runbooks } from "../../src/cli/runbooks.ts";
import { RunbookKeeper } from "../../src/control/runbook-keeper.ts";
import { runbookBreaches } from "../../src/decide/alerts/breaches.ts";
import type { DecisionRecord } from "../../src/decide/record.ts";
import type { Runbook } from "../../src/policy/intent/runbook.ts";
import { Receiver } from "../support/outbound/receiver.ts";
import { policySet } from "../support/policy-set.ts";

const TICK = 1_800_000_000;
const BOOK: Runbook = {
  name: "pack",
  owner: "secops",
  steps: [
    { adapter: "soar", path: "/case", isKeyOfDecision: true },
    { adapter: "soar", path: "/evidence", isKeyOfDecision: false },
  ],
  timeoutSeconds: 300,
  onFail: "page",
};
const ACT: DecisionRecord = {
  ...{ id: "d1", tick: TICK, kind: "action", actor: "engine", policySetDigest: "d" },
  subject: { kind: "Policy", name: "quarantine" },
  body: { verdict: "act", because: [], causes: [], runs: ["pack"] },
};

describe("Runbooks", () => {
  let soar: Receiver;
  let folder: string;
  const documents = new Map<string, string>();
  const store = {
    get: async (key: string) => documents.get(key),
    put: async (key: string, value: string) => void documents.set(key, value),
  };
  let keeper: RunbookKeeper;
  let written: string[];

  beforeEach(async () => {
    soar = await new Receiver().start();
    folder = temporaryFolder();
    documents.clear();
    written = [];
  });
  afterEach(async () => {
    await soar.stop();
  });

  async function boot(): Promise<Runbooks> {
    const secretFile = join(folder, "soar.key");
    writeFileSync(secretFile, "0123456789abcdef");
    keeper = new RunbookKeeper({ store, onProblem: (why) => written.push(why) });
    await keeper.load();
    const append = async ({ body }: { body: { verdict?: unknown } }) =>
      written.push(String(body.verdict));
    const runbooks = new Runbooks({
      keeper,
      send: sender(reachOf(["127.0.0.1"])),
      audit: { append: append as never },
      log: pino({ level: "silent" }),
    });
    runbooks.setIntent(
      policySet({
        runbooks: [BOOK],
        adapters: [{ kind: "webhook", name: "soar", url: soar.url, secretFile, for: [] }],
      }),
    );
    return runbooks;
  }

  async function run(runbooks: Runbooks, from: number, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) await runbooks.tick(TICK + from + second);
  }

  it("opens 1 case for 3 tries of one decision, told twice, over a restart", async () => {
    // It takes the first and the second, and its answer is lost.
    const cases = new Set<string>();
    soar.answer = (response, _, { headers, path }) => {
      if (path !== "/case") return void response.end();
      cases.add(String(headers["idempotency-key"]));
      if (soar.got.filter((each) => each.path === "/case").length <= 2) response.destroy();
      else response.end();
    };
    const first = await boot();
    first.onRecords([ACT, ACT]);
    await run(first, 0, 4);
    await run(await boot(), 4, 20);

    const tries = soar.got.filter(({ path }) => path === "/case");
    assert.equal(tries.length, 3);
    assert.deepEqual([...cases], ["d1"]);
    assert.deepEqual(
      soar.got.slice(3).map(({ path, headers }) => [path, headers["idempotency-key"]]),
      [["/evidence", "d1.pack.2"]],
    );
    assert.deepEqual(
      keeper.runs.map(({ state }) => state),
      ["done"],
    );
    assert.ok(written.includes("done"), written.join());
  });

  it("pages its owner when a step is refused, and goes no further", async () => {
    soar.answer = (response) => {
      response.statusCode = 403;
      response.end();
    };
    const runbooks = await boot();
    runbooks.onRecords([ACT]);
    await run(runbooks, 0, 20);

    assert.equal(soar.got.length, 1);
    const [told] = runbookBreaches(keeper.runs, [BOOK], TICK + 20);
    assert.equal(told?.severity, "page");
    assert.deepEqual(told?.targets, ["secops"]);
    assert.match(told?.title ?? "", /^Runbook pack failed: step 1: .*answered 403/);
    assert.deepEqual(runbookBreaches(keeper.runs, [BOOK], TICK + 1801), []);
  });
});
