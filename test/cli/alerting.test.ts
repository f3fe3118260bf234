import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { sender } from "../../src/adapters/outbound/outbound.ts";
import { reachOf } from "../../src/adapters/outbound/reach.ts";
import { signatureOf } from "../../src/adapters/outbound/webhook.ts";
import { Alerting } from "../../src/cli/alerting.ts";
import { AlertKeeper } from "../../src/control/alert-keeper.ts";
import { MOST_TRIES } from "../../src/decide/alerts/delivery.ts";
import type { AlertState } from "../../src/decide/engine/alerts.ts";
import { EMPTY_STATE, type EngineState } from "../../src/decide/engine/state.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { Receiver } from "../support/outbound/receiver.ts";

const SECRET = "0123456789abcdef-hook";
const TICK = 1_800_000_000;

const BURN: AlertState = {
  ...{ name: "pay.fast", slo: "pay", service: "checkout", severity: "page", targets: ["team-pay"] },
  ...{ rule: "4x for 10m", burn: 19.2, threshold: 4, windowSeconds: 600, posterior: 0.998 },
  ...{ sinceTick: TICK, decision: "t9-abc" },
};

/** What the store holds, as a disk would. */
class Disk {
  readonly documents = new Map<string, string>();
  isFull = false;
  readonly get = async (key: string) => this.documents.get(key);
  readonly put = async (key: string, value: string) => {
    if (this.isFull) throw new Error("the disk is full");
    this.documents.set(key, value);
  };
}

describe("alerting", () => {
  let folder: string;
  let hook: Receiver;
  let manager: Receiver;
  let disk: Disk;
  let counted: string[];
  let burning: boolean;

  beforeEach(async () => {
    folder = temporaryFolder();
    hook = await new Receiver().start();
    manager = await new Receiver().start();
    manager.answer = (response, _, { method }) => response.end(method === "GET" ? "[]" : "");
    disk = new Disk();
    counted = [];
    burning = true;
  });
  afterEach(async () => {
    await hook.stop();
    await manager.stop();
  });

  /** A process: what it knows is what the disk holds. */
  async function boot(): Promise<Alerting> {
    const secretFile = join(folder, "hook.key");
    writeFileSync(secretFile, `${SECRET}\n`);
    const keeper = new AlertKeeper({ store: disk, onProblem: (why) => counted.push(why) });
    await keeper.load();
    const alerting = new Alerting({
      keeper,
      engine: (): EngineState => ({ ...EMPTY_STATE, alerts: burning ? { "pay.fast": BURN } : {} }),
      more: () => [],
      send: sender(reachOf(["127.0.0.1"])),
      linkOf: (decision) => `https://mesh.example/ui/?decision=${decision}`,
      audit: { append: async () => 1 },
      count: (adapter, result) => counted.push(`${adapter} ${result}`),
      log: pino({ level: "silent" }),
    });
    alerting.setIntent({
      ...{ digest: "d", policies: [], rollouts: [], maintenances: [], slos: [] },
      adapters: [
        { kind: "webhook", name: "pager", url: `${hook.url}/hook`, secretFile, for: [] },
        { kind: "alertmanager", name: "am", url: manager.url, for: ["team-pay"] },
      ],
    } as unknown as PolicySet);
    return alerting;
  }

  async function run(alerting: Alerting, from: number, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) await alerting.tick(TICK + from + second);
  }

  it("sends a page to the webhook once, signed, with value, threshold, window, posterior, what was tried and the link", async () => {
    await run(await boot(), 0, 20);

    assert.equal(hook.got.length, 1);
    const [{ headers, body, path }] = hook.got as [(typeof hook.got)[0]];
    assert.equal(path, "/hook");
    const timestamp = String(headers["x-qmesh-timestamp"]);
    assert.equal(headers["x-qmesh-signature"], signatureOf(SECRET, timestamp, body));
    const told = JSON.parse(body);
    assert.equal(headers["idempotency-key"], told.id);
    const [alert] = told.alerts;
    const { value, threshold, windowSeconds, posterior, tried, link } = alert;
    assert.deepEqual(
      { value, threshold, windowSeconds, posterior, tried, link },
      {
        ...{ value: 19.2, threshold: 4, windowSeconds: 600, posterior: 0.998, tried: [] },
        link: "https://mesh.example/ui/?decision=t9-abc",
      },
    );
    assert.match(
      told.text,
      /value 19\.2, threshold 4, window 600 s\nreal with a chance of 99\.8 %/,
    );
    assert.ok(!body.includes(SECRET));
  });

  it("keeps Alertmanager told every 60 s under the same labels, and ends it there", async () => {
    const alerting = await boot();
    await run(alerting, 0, 130);
    burning = false;
    await run(alerting, 130, 45);

    const posts = manager.bodies("/api/v2/alerts") as {
      labels: object;
      startsAt: string;
      endsAt: string;
    }[][];
    assert.ok(posts.length >= 3 && posts.length <= 8, `${posts.length}`);
    const labels = new Set(
      posts.flat().map((each) => JSON.stringify([each.labels, each.startsAt])),
    );
    assert.equal(labels.size, 1);
    const ends = posts.map(([each]) => Date.parse(each!.endsAt) / 1000 - TICK);
    assert.ok(ends[0]! > 300 && ends.at(-1)! < 175, ends.join());
    assert.ok(
      manager.got.some(({ path, method }) => method === "GET" && path === "/api/v2/silences"),
    );
  });

  it("is quiet for what Alertmanager silences, on the webhook too", async () => {
    const silence = {
      ...{ id: "s1", createdBy: "mira", status: { state: "active" } },
      matchers: [{ name: "service", value: "checkout", isRegex: false, isEqual: true }],
    };
    manager.answer = (response, _, { method }) =>
      response.end(method === "GET" ? JSON.stringify([silence]) : "");
    burning = false;
    const alerting = await boot();
    await run(alerting, 0, 31);
    burning = true;
    await run(alerting, 31, 20);

    assert.equal(hook.got.length, 0);
  });

  it("sends nothing twice after a restart, and what was not sent with the same key", async () => {
    hook.answer = (response, at) => {
      response.statusCode = at <= 2 ? 503 : 200;
      response.end();
    };
    await run(await boot(), 0, 8);
    assert.equal(hook.got.length, 2);
    await run(await boot(), 8, 20);
    assert.equal(hook.got.length, 3);
    await run(await boot(), 28, 200);
    assert.equal(hook.got.length, 3);
    assert.equal(new Set(hook.got.map(({ headers }) => headers["idempotency-key"])).size, 1);
    assert.deepEqual(
      counted.filter((each) => each.startsWith("pager")),
      ["pager retried", "pager retried", "pager sent"],
    );
  });

  it(`gives up after ${MOST_TRIES} tries with growing waits, and counts it as failed`, async () => {
    hook.answer = (response) => {
      response.statusCode = 500;
      response.end();
    };
    await run(await boot(), 0, 900);
    assert.equal(hook.got.length, MOST_TRIES);
    const times = hook.got.map(({ headers }) => Number(headers["x-qmesh-timestamp"]));
    const waits = times.slice(1).map((time, at) => time - times[at]!);
    assert.deepEqual(waits.slice(0, 6), [2, 4, 8, 16, 32, 60]);
    assert.equal(counted.filter((each) => each === "pager failed").length, 1);
  });

  it("tries what is refused with 400 once", async () => {
    hook.answer = (response) => {
      response.statusCode = 400;
      response.end();
    };
    await run(await boot(), 0, 60);
    assert.equal(hook.got.length, 1);
  });

  it("pages while the disk is full, and says that it cannot be remembered, once", async () => {
    disk.isFull = true;
    await run(await boot(), 0, 20);
    assert.equal(hook.got.length, 1);
    assert.equal(counted.filter((each) => each.includes("disk is full")).length, 1);
  });
});
