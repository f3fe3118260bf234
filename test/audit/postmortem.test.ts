import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { checkIncident, incidentReport } from "../../src/audit/incident.ts";
import { incidentOf, readIncident } from "../../src/audit/incident-records.ts";
import { postmortem } from "../../src/audit/postmortem.ts";
import { AuditReader } from "../../src/audit/reader.ts";
import { projectRoot } from "../support/project-root.ts";
import { RECORDS } from "./incident-fixture.ts";
import { record } from "./records.ts";
import { openLog } from "./rig.ts";

const golden = (name: string) =>
  readFileSync(join(projectRoot, "test/audit", `${name}.golden.md`), "utf8");

const incident = incidentOf(RECORDS, "d-2")!;

describe("incident and postmortem from the log", () => {
  it("takes 13 of 15 records: causes, effects, and what people did meanwhile", () => {
    const ids = ({ id }: { id: string }) => id;

    assert.deepEqual(incident.records.map(ids), [
      ...["i-1", "d-1", "d-2", "a-1", "o-1", "a-2", "r-1", "o-2", "a-3", "o-3", "d-3"],
    ]);
    assert.deepEqual(incident.meanwhile.map(ids), ["ov-1", "f-1"]);
    assert.equal(incidentOf(RECORDS, "none"), undefined);
  });

  it("gathers the same from a log, wherever in the incident one begins", async () => {
    const dir = temporaryFolder();
    const { store, log, close } = await openLog(dir);
    await Promise.all(RECORDS.map((record) => log.append(record)));
    const reader = new AuditReader(store);

    for (const id of ["d-2", "o-3"])
      assert.deepEqual({ ...(await readIncident(reader, id)), id: "d-2" }, incident, id);
    assert.equal(await readIncident(reader, "none"), undefined);
    await close();
  });

  it("fills the five items of a postmortem", () => {
    assert.equal(postmortem(incident), golden("postmortem"));
  });

  it("fills the five items of an incident check", () => {
    const report = incidentReport(
      checkIncident(incident, {
        objectives: [
          {
            name: "checkout-errors",
            targetRatio: 0.999,
            attainedRatio: 0.99712,
            budgetLeftRatio: -1.9,
          },
          { name: "checkout-latency", targetRatio: 0.99 },
        ],
        inForce: new Map([["Rollout/checkout", { weights: { v42: 0, v41: 100 }, rollback: true }]]),
        isFrozen: true,
      }),
    );

    assert.equal(report, golden("incident"));
  });

  it("says that nothing happened of a record that stands alone", () => {
    const text = postmortem(incidentOf(RECORDS, "ov-9")!);

    assert.match(text, /records: 1/);
    assert.match(text, /Automation did nothing\./);
  });

  it("makes text of any body of 2,000, and never markup or a new line of it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (body, actor) => {
        const odd = RECORDS.map((record) =>
          record.id === "a-1"
            ? { ...record, actor, body: { ...body, causes: ["d-2"] } as typeof record.body }
            : record,
        );

        const text = postmortem(incidentOf(odd, "d-2")!);

        assert.equal(text.split("\n").filter((line) => line.startsWith("#")).length, 7);
        assert.doesNotMatch(text, /(?<!\\)[<[]/);
      }),
      { numRuns: 2000 },
    );
  });

  it("tells a rollback by a Rollout among what automation did, though nothing judges it afterwards", () => {
    const text = postmortem(
      incidentOf(
        [
          record(0, {
            id: "d-1",
            body: { verdict: "roll back", because: ["v2 is worse"], wayBack: "v1 100, v2 0" },
          }),
          record(1, {
            id: "o-1",
            kind: "outcome",
            subject: { kind: "Engine", name: "push" },
            body: { verdict: "applied", because: ["The one Envoy holds it."], causes: ["d-1"] },
          }),
        ],
        "d-1",
      )!,
    );

    assert.match(
      text,
      /## 1[^#]+d-1, Rollout\/checkout: roll back; way back: .+; outcome: applied\./,
    );
    assert.match(text, /## 4[^\n]+\nNothing\./);
  });
});
