import assert from "node:assert/strict";
import { smallMesh } from "../../../bench/decisions/meshes.ts";
import { check } from "../../../src/decide/engine/conditions.ts";
import { EMPTY_STATE } from "../../../src/decide/engine/state.ts";
import { EvidenceLedger } from "../../../src/evidence/ledger.ts";
import { compile } from "../../../src/policy/cel/compile.ts";

const START = 1_800_000_000 - (1_800_000_000 % 3600);
const SET = smallMesh(2);

function rig() {
  const ledger = new EvidenceLedger();
  ledger.advance(START);
  const tick = (seconds = 1) => ledger.advance(ledger.tick + seconds);
  /** What a call answers to a document of that scope; undefined: unknown. */
  const answerTo = (text: string, service?: string) => {
    const compiled = compile(
      `${text} > ${text.startsWith("quantile") ? 'duration("0s")' : "0.0"}`,
      "when",
    );
    if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
    const scope = service === undefined ? { labels: {} } : { service, labels: {} };
    const evidence = ledger.evidence();
    const { tick } = ledger;
    const ground = { policySet: SET, evidence, tick, before: EMPTY_STATE, scope };
    const { seen } = check(compiled.expression, ground);
    return seen[0]?.value;
  };
  return { ledger, tick, answerTo };
}

describe("conditions on evidence", () => {
  it("headroom is what is free of the busiest ten seconds: 0.5 at 50 of 100 a second, unknown once it is late", () => {
    const { ledger, tick, answerTo } = rig();
    const arm = { service: "s0", locality: "eu/a" };
    for (let second = 0; second < 240; second++) {
      ledger.observe(arm, { requests: second < 60 ? 100 : 50, errors: 0 });
      tick();
    }
    const free = Number(answerTo('headroom("eu/a", 0.9)'));
    assert.ok(Math.abs(free - 0.5) < 0.06, `${free}`);
    assert.equal(answerTo('headroom("eu/b", 0.9)'), undefined, "of nobody");
    tick(6);
    assert.equal(answerTo('headroom("eu/a", 0.9)'), undefined, "late");
  });

  it("headroom does not count as carried what failed: 200 a second with 5 % errors", () => {
    const { ledger, tick, answerTo } = rig();
    const arm = { service: "s0", locality: "eu/a" };
    for (let second = 0; second < 240; second++) {
      const isOver = second >= 30 && second < 60;
      ledger.observe(arm, isOver ? { requests: 200, errors: 10 } : { requests: 50, errors: 0 });
      tick();
    }
    const free = Number(answerTo('headroom("eu/a", 0.9)'));
    assert.ok(free < 0.1, `${free}`);
  });

  it("share is that of the sample in the scope: 0.25 of s0, 0.625 of both; unknown below 30 requests", () => {
    const { ledger, tick, answerTo } = rig();
    const sample = (service: string, theirs: number, all: number) => {
      ledger.observe({ service, tenant: "acme" }, { requests: theirs, errors: 0 });
      ledger.observe({ service, source: "access log" }, { requests: all, errors: 0 });
    };
    sample("s0", 10, 40);
    sample("s1", 40, 40);
    tick();
    assert.equal(answerTo('share("acme")', "s0"), 0.25);
    assert.equal(answerTo('share("acme")'), 0.625);
    tick(61);
    assert.equal(answerTo('share("acme")'), undefined);
  });

  it("cost adds up 24 hours of a bill that comes each minute: 1440 of 1", () => {
    const { ledger, tick, answerTo } = rig();
    ledger.signals.declare("cost.staging", 120);
    for (let minute = 0; minute < 1440; minute++) {
      ledger.signals.add("cost.staging", ledger.tick, 1);
      tick(60);
    }
    const sum = Number(answerTo('cost("staging", "24h")'));
    assert.ok(Math.abs(sum - 1440) <= 60, `${sum}`);
    tick(400);
    assert.equal(answerTo('cost("staging", "24h")'), undefined, "the bill is late");
  });

  it("disagreement is 0 where two sources agree, and unknown where only one is heard", () => {
    const { ledger, tick, answerTo } = rig();
    ledger.observe({ service: "s0", source: "metrics" }, { requests: 10, errors: 0 });
    tick();
    assert.equal(answerTo('disagreement("s0")'), undefined);
    ledger.observe({ service: "s0", source: "metrics" }, { requests: 10, errors: 0 });
    ledger.observe({ service: "s0", source: "load reports" }, { requests: 10, errors: 0 });
    tick();
    assert.equal(answerTo('disagreement("s0")'), 0);
  });

  it("disagreement tells of an access log that holds a fifth of what it should: 0.8, and nothing is left out", () => {
    const { ledger, tick, answerTo } = rig();
    for (let second = 0; second < 60; second++) {
      ledger.observe({ service: "s0", source: "metrics" }, { requests: 10_000, errors: 0 });
      ledger.observe({ service: "s0", source: "access log" }, { requests: 20, errors: 0 });
      tick();
    }
    assert.equal(answerTo('disagreement("s0")'), 0.8);
    assert.deepEqual(ledger.evidence().disagreements, []);
  });

  it("rate and age of requests are of the scope: 30 a second of s0, 40 of all", () => {
    const { ledger, tick, answerTo } = rig();
    for (let second = 0; second < 10; second++) {
      ledger.observe({ service: "s0", version: "v1" }, { requests: 30, errors: 0 });
      ledger.observe({ service: "s1", version: "v1" }, { requests: 10, errors: 0 });
      tick();
    }
    assert.equal(answerTo('rate("requests", "10s")', "s0"), 30);
    assert.equal(answerTo('rate("requests", "10s")'), 40);
    tick(20);
    assert.equal(answerTo('rate("requests", "10s")', "s0"), undefined, "blind");
    assert.equal(answerTo('quantile("s0", 0.5, "1m")', "s0"), undefined, "blind");
  });
});
