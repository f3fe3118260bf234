import assert from "node:assert/strict";
import {
  approveRun,
  begin,
  callOf,
  type Run,
  settleRun,
  stepRun,
} from "../../../src/decide/runbook/run.ts";
import type { Runbook } from "../../../src/policy/intent/runbook.ts";

const APPROVAL = { need: 2, from: ["secops", "mira"], withinSeconds: 60 };
const BOOK: Runbook = {
  name: "pack",
  owner: "secops",
  steps: [
    { adapter: "soar", path: "/case", isKeyOfDecision: true },
    { adapter: "idp", path: "/revoke", isKeyOfDecision: false, approval: APPROVAL },
  ],
  timeoutSeconds: 300,
  onFail: "page",
};
const START: Run = begin({ runbook: "pack", decision: "d1", policy: "p" }, 1000);

function taken(tick: number): Run {
  return stepRun(settleRun(START, { ok: true }, tick), BOOK, tick);
}

describe("a run of a Runbook", () => {
  it("asks for its first step under the decision's id, and for the second once 2 of secops have approved", () => {
    assert.deepEqual(callOf(START, BOOK, 1000), {
      run: "d1.pack",
      key: "d1",
      adapter: "soar",
      path: "/case",
    });
    const waiting = taken(1001);
    assert.equal(waiting.state, "waiting");
    assert.equal(callOf(waiting, BOOK, 1001), undefined);
    const one = approveRun(
      waiting,
      BOOK,
      { by: "ann", roles: ["secops"], isYes: true },
      1002,
    ) as Run;
    assert.equal(callOf(stepRun(one, BOOK, 1002), BOOK, 1002), undefined);
    const two = approveRun(one, BOOK, { by: "mira", roles: [], isYes: true }, 1003) as Run;
    assert.equal(callOf(stepRun(two, BOOK, 1003), BOOK, 1003)?.key, "d1.pack.2");
    const done = stepRun(settleRun(stepRun(two, BOOK, 1003), { ok: true }, 1004), BOOK, 1004);
    assert.equal(done.state, "done");
  });

  it("takes no approval of who is not named, and of nobody twice", () => {
    const waiting = taken(1001);
    assert.equal(
      approveRun(waiting, BOOK, { by: "eve", roles: ["dev"], isYes: true }, 1002),
      "eve is none of secops, mira",
    );
    const one = approveRun(waiting, BOOK, { by: "mira", roles: [], isYes: true }, 1002) as Run;
    assert.equal(
      approveRun(one, BOOK, { by: "mira", roles: ["secops"], isYes: true }, 1003),
      "mira has approved it already",
    );
  });

  it("fails when somebody rejects, when nobody approves within 60 s, and when it lasts 300 s", () => {
    const rejected = approveRun(
      taken(1001),
      BOOK,
      { by: "mira", roles: [], isYes: false },
      1002,
    ) as Run;
    assert.match(rejected.why ?? "", /mira rejected step 2/);
    assert.match(stepRun(taken(1001), BOOK, 1061).why ?? "", /nobody approved step 2 within 60 s/);
    assert.match(stepRun(START, BOOK, 1300).why ?? "", /did not end within 300 s/);
  });

  it("tries a step 5 times after 2, 4, 8, 16 s, and one that is refused for good once", () => {
    let run = START;
    const tried: number[] = [];
    for (let tick = 1000; tick < 1100; tick++) {
      if (callOf(run, BOOK, tick) === undefined) continue;
      tried.push(tick - 1000);
      run = settleRun(run, { ok: false, why: "503", isFinal: false }, tick);
    }
    assert.deepEqual(tried, [0, 2, 6, 14, 30]);
    assert.equal(run.state, "failed");
    assert.equal(settleRun(START, { ok: false, why: "400", isFinal: true }, 1000).state, "failed");
  });
});
