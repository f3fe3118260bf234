import assert from "node:assert/strict";
import { SignalBook } from "../../src/evidence/signal-book.ts";
import { SignalIntake } from "../../src/telemetry/signal-intake.ts";
import { signSignal } from "../support/signals.ts";

const NOW = 1_800_000_000;
const SECRET = "0123456789abcdef";

function rig(mayTake = true) {
  const book = new SignalBook();
  const intake = new SignalIntake(
    book,
    () => NOW,
    () => mayTake,
  );
  intake.setSources([{ secret: SECRET, signals: [{ name: "db.p95", maxAgeSeconds: 10 }] }]);
  const post = (body: string, { at = NOW, secret = SECRET, name = "db.p95" } = {}) => {
    const timestamp = String(at);
    const answer = intake.take({
      name,
      timestamp,
      signature: signSignal(secret, timestamp, body),
      body,
    });
    return answer.ok ? 204 : answer.status;
  };
  return { book, intake, post };
}

describe("signals posted from outside", () => {
  it("take 0.2 with its labels, and know it for 10 s, are late to 30 s and blind then", () => {
    const { book, post } = rig();
    assert.equal(post('{"value":0.2,"labels":{"db":"main"}}'), 204);
    const states = [NOW, NOW + 10, NOW + 11, NOW + 30, NOW + 31].map(
      (tick) => book.reading("db.p95", tick)?.state,
    );
    assert.deepEqual(states, ["ok", "ok", "late", "late", "blind"]);
    assert.deepEqual(book.reading("db.p95", NOW)?.labels, { db: "main" });
    assert.equal(book.reading("db.p95", NOW + 31)?.value, undefined);
  });

  it("refuse 9 kinds of lies, each by its status, and none of them becomes evidence", () => {
    const { book, intake, post } = rig();
    const good = '{"value":1}';
    assert.deepEqual(
      [
        post(good, { secret: "another secret!!" }),
        post(good, { at: NOW + 6 }),
        post(good, { at: NOW - 301 }),
        post(good, { name: "unknown" }),
        post('{"value":"1"}'),
        post('{"value":1e999}'),
        post("no json"),
        post(`{"value":1,"labels":{"a":"${"x".repeat(70_000)}"}}`),
        post('{"value":1,"more":2}'),
      ],
      [401, 400, 400, 404, 400, 400, 400, 413, 400],
    );
    assert.equal(intake.refused, 9);
    assert.equal(book.reading("db.p95", NOW)?.state, "blind");
  });

  it("take one post once, and no older value after a newer one", () => {
    const { post } = rig();
    assert.equal(post('{"value":1}'), 204);
    assert.equal(post('{"value":1}'), 409);
    assert.equal(post('{"value":2}', { at: NOW - 60 }), 409);
  });

  it("answer 429 to a flood", () => {
    assert.equal(rig(false).post('{"value":1}'), 429);
  });
});
