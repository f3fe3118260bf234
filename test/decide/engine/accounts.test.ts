import assert from "node:assert/strict";
import { accountsOf } from "../../../src/decide/engine/accounts.ts";
import { balanceOf, burnOf, momentary, requestsOf } from "../../../src/decide/engine/indicator.ts";
import { EvidenceLedger } from "../../../src/evidence/ledger.ts";
import type { Maintenance } from "../../../src/policy/intent/maintenance.ts";
import type { Slo } from "../../../src/policy/intent/slo.ts";

const START = 1_800_000_000;
const SLICED: Slo = {
  name: "sliced",
  service: "checkout",
  target: 0.9,
  windowSeconds: 30 * 86_400,
  timeslice: { seconds: 60, target: 0.95 },
  indicator: { kind: "errors" },
};
const { timeslice: _, ...PLAIN } = { ...SLICED, name: "plain" };

const window = (from: number, to: number): Maintenance => ({
  name: "m",
  scope: { service: "checkout", labels: {} },
  window: { kind: "once", fromMs: (START + from) * 1000, toMs: (START + to) * 1000 },
  freeze: [],
  suppress: [],
  sloExclude: true,
});

/** A ledger and what accounts for it, a second at a time, as the control plane does. */
class Books {
  readonly ledger = new EvidenceLedger();
  #since = START;

  constructor(public maintenances: readonly Maintenance[] = []) {
    this.ledger.advance(START);
  }

  get evidence() {
    return this.ledger.evidence();
  }

  /** Each second holds so many requests, of which so many fail; `late`: the control plane looks only at the end. */
  run(seconds: number, errors: number, { requests = 100, isLate = false } = {}): this {
    for (let i = 0; i < seconds; i++) {
      this.ledger.observe({ service: "checkout", version: "v1" }, { requests, errors });
      this.ledger.advance(this.ledger.tick + 1);
      if (!isLate || i === seconds - 1) this.#account();
    }
    return this;
  }

  silent(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.ledger.advance(this.ledger.tick + 1);
      this.#account();
    }
    return this;
  }

  balance(slo: Slo, seconds: number) {
    return balanceOf(slo, this.evidence, seconds);
  }

  #account(): void {
    const given = { slos: [SLICED, PLAIN], maintenances: this.maintenances };
    this.ledger.account(accountsOf(given, this.evidence, this.#since));
    this.#since = this.ledger.tick;
  }
}

describe("slices of time", () => {
  it("are 2 bad of 5 where two minutes fail 6 and 100 % of their requests, and 5 % may, however many these were", () => {
    const books = new Books()
      .run(60, 0)
      .run(60, 6)
      .run(60, 5)
      .run(60, 100)
      .run(59, 1)
      .run(1, 1, { requests: 9000 });
    const found = books.balance(SLICED, 3600);
    assert.deepEqual(found, { bad: 2, total: 5, seconds: 300 });
    assert.ok(Math.abs((burnOf(SLICED, found) ?? 0) - 4) < 1e-9);
  });

  it("count each once, and a slice in which half of the seconds were not heard not at all", () => {
    const books = new Books().run(20, 100).silent(40).run(60, 100).run(30, 100);
    assert.deepEqual(books.balance(SLICED, 3600), { bad: 1, total: 1, seconds: 60 });
  });

  it("are judged by a control plane that was held up for 20 s over the end of one", () => {
    const books = new Books().run(50, 100).run(20, 100, { isLate: true });
    assert.deepEqual(books.balance(SLICED, 3600), { bad: 1, total: 1, seconds: 60 });
  });

  it("outlive our own push: the second after it says nothing of requests, and all of the slice", () => {
    const books = new Books().run(59, 100);
    books.ledger.observe({ service: "checkout", version: "v1" }, { requests: 100, errors: 100 });
    books.ledger.advance(books.ledger.tick + 1);
    books.ledger.voidService("checkout");
    books.run(1, 100);
    assert.deepEqual(books.balance(SLICED, 3600)?.total, 1);
  });

  it("are kept for 30 days, as 40 days of a minute in ten that is bad show 4,320 of 43,200", () => {
    const ledger = new EvidenceLedger();
    const arm = { service: "checkout", account: "slices of sliced" };
    for (let minute = 0; minute < 40 * 1440; minute++) {
      ledger.advance(START + minute * 60);
      ledger.observe(arm, { requests: 1, errors: Number(minute % 10 === 0) });
      ledger.observe({ service: "checkout", version: "v1" }, { requests: 1, errors: 0 });
    }
    ledger.advance(ledger.tick + 1);
    const { bad = 0, total = 0 } = balanceOf(SLICED, ledger.evidence(), 30 * 86_400) ?? {};
    assert.ok(Math.abs(total - 43_200) <= 60 && Math.abs(bad - 4320) <= 6, `${bad} of ${total}`);
  });

  it("are asked of seconds by their requests against 95 %, as there is no slice in 30 s", () => {
    assert.deepEqual([momentary(SLICED).target, momentary(SLICED).timeslice], [0.95, undefined]);
    assert.equal(momentary({ ...SLICED, timeslice: { seconds: 60, target: 1 } }).target, 0.9999);
  });
});

describe("a window left out of objectives", () => {
  it("takes 6,000 bad requests of a minute off again, and nothing before or after it", () => {
    const books = new Books([window(60, 120)]).run(60, 10).run(60, 100).run(60, 10);
    assert.deepEqual(books.balance(PLAIN, 3600), { bad: 1200, total: 12_000, seconds: 120 });
  });

  it("leaves nothing of the last 5 minutes in which all failed, in each of 600 seconds", () => {
    const books = new Books([window(0, 600)]);
    for (let second = 0; second < 600; second++) {
      const found = books.run(1, 100).balance(PLAIN, 300);
      assert.deepEqual(found, { bad: 0, total: 0, seconds: 0 }, `second ${second}`);
      assert.equal(burnOf(PLAIN, found), undefined);
    }
  });

  it("is replayed from a tap as it was", () => {
    const again = new EvidenceLedger();
    const ledger = new EvidenceLedger((event) => again.restore(event));
    ledger.advance(START);
    ledger.observe({ service: "checkout", version: "v1" }, { requests: 100, errors: 100 });
    ledger.advance(START + 1);
    const given = { slos: [PLAIN], maintenances: [window(0, 60)] };
    ledger.account(accountsOf(given, ledger.evidence(), START));
    for (const each of [ledger, again])
      assert.equal(balanceOf(PLAIN, each.evidence(), 60)?.total, 0);
  });

  it("leaves out each slice it touches: 2 of 4", () => {
    const books = new Books([window(90, 150)]).run(240, 100);
    assert.deepEqual(books.balance(SLICED, 3600), { bad: 2, total: 2, seconds: 120 });
  });

  it("stays left out once its document is gone", () => {
    const books = new Books([window(0, 60)]).run(60, 100);
    books.maintenances = [];
    assert.equal(books.run(10, 100).balance(PLAIN, 3600)?.bad, 1000);
  });

  it("is about its own service alone", () => {
    const other = { ...window(0, 60), scope: { service: "search", labels: {} } };
    assert.equal(new Books([other]).run(60, 100).balance(PLAIN, 3600)?.bad, 6000);
  });
});

describe("an objective of one tier", () => {
  const GOLD: Slo = { ...PLAIN, name: "gold", tier: "gold" };

  it("is of the 2 sampled requests a second of its tier, 1 of them bad, and not of the 100 of its service, and kept beyond the hour that samples are", () => {
    const ledger = new EvidenceLedger();
    const maintenances = [window(7200, 10_000)];
    ledger.advance(START);
    for (let second = 1; second <= 3 * 3600; second++) {
      ledger.observe({ service: "checkout", version: "v1" }, { requests: 100, errors: 0 });
      const isBad = second % 2 === 0;
      ledger.observe({ service: "checkout", tier: "gold" }, { requests: 2, errors: Number(isBad) });
      ledger.advance(START + second);
      const given = { slos: [GOLD], maintenances };
      ledger.account(accountsOf(given, ledger.evidence(), START + second - 1));
    }
    const evidence = ledger.evidence();
    const counted = 3 * 3600 - 2800;
    const { bad = 0, total = 0 } = balanceOf(GOLD, evidence, 86_400) ?? {};
    assert.ok(
      Math.abs(total - 2 * counted) <= 4 && Math.abs(bad - counted / 2) <= 4,
      `${bad} of ${total}`,
    );
    assert.deepEqual(requestsOf(GOLD, evidence, 10), { bad: 5, total: 20, seconds: 10 });
    assert.equal(requestsOf(GOLD, evidence, 10, { cohort: "treated" }), undefined);
  });

  it("knows nothing of a tier that nobody asks for", () => {
    const books = new Books().run(60, 0);
    const found = requestsOf(GOLD, books.evidence, 10);
    assert.deepEqual([found?.total, burnOf(GOLD, found)], [0, undefined]);
  });
});
