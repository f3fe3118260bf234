import assert from "node:assert/strict";
import { findDecision, listDecisions } from "../../../src/api/model/decisions.ts";
import { decisionDetail } from "../../../src/api/view/decision.ts";
import { latencySeen } from "../../../src/audit/measures.ts";
import type { AuditPage, AuditQuery } from "../../../src/audit/reader.ts";
import type { AuditRecord } from "../../../src/audit/record.ts";

const FIRST = 1_800_000_000;

function record(
  id: string,
  second: number,
  { body = {}, ...rest }: Partial<AuditRecord> = {},
): AuditRecord {
  const tick = FIRST + second;
  return {
    ...{ id, tick, kind: "action", actor: "engine", policySetDigest: "ab" },
    at: new Date(tick * 1000 + 40).toISOString(),
    subject: { kind: "Policy", name: "relief" },
    body: { verdict: "act", because: ["It burns."], causes: [], ...body },
    ...rest,
  };
}

const ACT = record("act", 0, {
  body: {
    weighed: [
      {
        action: "rateLimit",
        text: "halve batch",
        gain: 3,
        pBenefit: 0.9,
        place: "chosen",
        why: "",
      },
    ],
    believed: [{ what: "overload", chance: 0.7 }],
  },
});
const PUSH = record("push", 2, {
  kind: "outcome",
  subject: { kind: "Engine", name: "push" },
  body: {
    ...{ verdict: "applied", because: ["All 3 Envoys hold it."], causes: ["act"] },
    seen: latencySeen({ ingest: 0.01, evaluation: 0.02, push: 0.1, ack: 0.2 }),
  },
});
const HELPED = record("helped", 60, {
  kind: "outcome",
  body: { verdict: "success", because: ["The burn fell."], causes: ["act"] },
});

/** Newest first, as the log gives them. */
function logOf(...records: AuditRecord[]) {
  const list = async ({
    from = "",
    to = "~",
    subject,
    limit = 1000,
  }: Partial<AuditQuery>): Promise<AuditPage> => ({
    records: records
      .filter(({ at }) => at >= from && at <= to)
      .filter((each) => subject === undefined || each.subject.name === subject.name)
      .toReversed()
      .slice(0, limit),
  });
  return {
    reader: { list, find: async (id: string) => records.find((each) => each.id === id) },
    serviceOf: ({ name }: { readonly name: string }) => (name === "relief" ? "pay" : undefined),
  };
}

describe("decisions as the API shows them", () => {
  it("says 30 ms to decide and 300 ms until every Envoy held it, by the push that names it", async () => {
    const { items } = await listDecisions(logOf(ACT, PUSH), { limit: 10 });

    const act = items.find(({ id }) => id === "act");
    assert.deepEqual(act?.latency, { decideMs: 30, applyMs: 300 });
    assert.deepEqual(act?.outcome, { state: "applied", text: "All 3 Envoys hold it." });
    assert.equal(act?.service, "pay");
  });

  it("says 40 ms from the end of the second to the log for one without a push, none for a person's", async () => {
    const order = record("order", 1, { kind: "override", actor: "mira" });
    const { items } = await listDecisions(logOf(ACT, order), { limit: 10 });

    const latency = new Map(items.map((each) => [each.id, each.latency]));
    assert.deepEqual(latency.get("act"), { decideMs: 40 });
    assert.equal(latency.get("order"), undefined);
  });

  it("lets whether it helped go before that Envoys hold it, and calls what was taken back harm", async () => {
    const back = { verdict: "revert", because: ["It got worse."], causes: ["act"] };
    const reverted = record("back", 30, { kind: "outcome", body: back });

    const stateOf = async (...records: AuditRecord[]) =>
      (await findDecision(logOf(...records), "act"))?.outcome?.state;
    assert.equal(await stateOf(ACT, PUSH, HELPED), "success");
    assert.equal(await stateOf(ACT, PUSH, reverted), "harm");
    assert.equal(await stateOf(ACT), undefined);
  });

  it("finds the outcome of a decision on an older page, after it", async () => {
    const { items } = await listDecisions(logOf(ACT, PUSH, HELPED), { limit: 10, kind: "action" });

    assert.equal(items.find(({ id }) => id === "act")?.outcome?.state, "success");
  });

  it("still knows push and outcome of a decision that 5,000 others were written after", async () => {
    const noise = Array.from({ length: 5000 }, (_, at) =>
      record(`noise-${at}`, 700 + at, { subject: { kind: "Policy", name: "other" } }),
    );
    const reverted = record("back", 9000, {
      kind: "outcome",
      body: { verdict: "expire", because: ["Its time is over."], causes: ["act"] },
    });
    const detail = await findDecision(logOf(ACT, PUSH, HELPED, ...noise, reverted), "act");

    assert.equal(detail?.outcome?.state, "success");
    assert.deepEqual(
      detail?.later.map(({ id }) => id),
      ["push", "helped", "back"],
    );
  });

  it("shows what was weighed with its place and chance, and what was believed", async () => {
    const detail = await findDecision(logOf(ACT, PUSH), "act");

    assert.deepEqual(detail?.weighed, [
      { text: "halve batch", gain: 3, pBenefit: 0.9, place: "chosen", why: "" },
    ]);
    assert.deepEqual(detail?.believed, [{ what: "overload", chance: 0.7 }]);
    assert.deepEqual(
      detail?.later.map(({ id }) => id),
      ["push"],
    );
  });

  it("gives an answer of its own form for a decision that somebody was paged for, and leaves the page out", async () => {
    const told = record("told", 3, {
      kind: "alert",
      subject: { kind: "Alert", name: "g-1" },
      body: { verdict: "firing (page)", because: ["It burns."], causes: ["act"] },
    });
    const found = await findDecision(logOf(ACT, PUSH, told), "act");

    assert.equal(decisionDetail.safeParse(found).error, undefined);
    assert.deepEqual(
      found?.later.map(({ id }) => id),
      ["push"],
    );
  });

  it("keeps to the service that was asked for", async () => {
    const other = record("other", 1, { subject: { kind: "Policy", name: "other" } });

    const { items } = await listDecisions(logOf(ACT, other), { limit: 10, service: "pay" });

    assert.deepEqual(
      items.map(({ id }) => id),
      ["act"],
    );
  });
});
