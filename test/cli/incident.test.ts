import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { findIncidentCheck } from "../../src/api/model/incident-check.ts";
import { startApi } from "../../src/api/server.ts";
import { AuditReader } from "../../src/audit/reader.ts";
import type { AuditRecord } from "../../src/audit/record.ts";
import type { Policy } from "../../src/policy/intent/policy.ts";
import { statusDocument } from "../api/documents.ts";
import { openLog } from "../audit/rig.ts";
import { EngineRig } from "../decide/engine/engine-rig.ts";
import { service } from "../support/policy-set.ts";
import { projectRoot } from "../support/project-root.ts";

const MAIN = join(projectRoot, "dist/src/main.js");

const SLO = {
  ...{ name: "availability", service: "checkout", target: 0.99, windowSeconds: 30 * 86_400 },
  indicator: { kind: "errors" as const },
};

/** Throttles checkout while it burns, which makes it worse here. */
const POLICY: Policy = {
  ...{ name: "throttle", owner: "team-pay", class: "reliability", mode: "enforce" },
  method: "rules",
  scope: { service: "checkout", labels: {} },
  when: { text: 'burn("availability", "1m") > 2.0', reads: [] },
  // biome-ignore lint/suspicious/noThenProperty: the word of the language
  then: [{ kind: "rateLimit", name: "checkout", factor: 0.5, tiers: [] }],
  guard: { minIntervalSeconds: 60, budgetPerHour: 5, floor: {}, exempt: [] },
  verify: {
    signal: "availability",
    improve: { kind: "relative", ratio: 0.2 },
    ...{ sustainedSeconds: 60, withinSeconds: 300 },
  },
  revert: { onHarm: true, onNoEffectSeconds: 300 },
  confidence: 0.9,
};

function harmed(): EngineRig {
  const rig = new EngineRig({
    services: [service({ name: "checkout" })],
    slos: [SLO],
    policies: [POLICY],
  });
  rig.run(120, { versions: { v1: [100, 1] } }).run(90, { versions: { v1: [100, 5] } });
  return rig.run(120, { versions: { v1: [100, 60] } });
}

function ask(...words: string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...words]);
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.on("close", (code) => resolve({ code, stdout }));
  });
}

describe("qmesh incident", () => {
  const rig = harmed();
  const acted = rig.records.find(({ kind }) => kind === "action")?.id ?? "";
  let state = rig.state;
  let server: string;
  let stop: () => Promise<void>;

  before(async () => {
    const dir = temporaryFolder();
    const { store, log, close } = await openLog(dir);
    for (const record of rig.records) {
      const at = new Date(record.tick * 1000).toISOString();
      const body = record.body as unknown as AuditRecord["body"];
      await log.append({ ...record, body, at });
    }
    const reader = new AuditReader(store);
    const now = () => ({
      reader,
      state,
      policySet: rig.policySet,
      evidence: rig.evidence.at(rig.tick - 1),
    });
    const api = await startApi({
      ...{ host: "127.0.0.1", port: 0, status: statusDocument },
      metrics: { contentType: "text/plain", text: async () => "" },
      model: { incidentCheck: (id) => findIncidentCheck(id, now()) },
    });
    server = `127.0.0.1:${api.port}`;
    stop = async () => {
      await api.stop();
      await close();
    };
  });
  after(() => stop());

  it("says that 1 of 1 actions did harm, what is left of the budget, and that log and state agree: exit 3", async () => {
    const { code, stdout } = await ask("incident", acted, "--server", server);

    const golden = join(projectRoot, "test/cli/incident.golden.md");
    assert.equal(stdout, readFileSync(golden, "utf8"));
    assert.equal(code, 3);
  });

  it("gives the same as JSON", async () => {
    const { stdout } = await ask("incident", acted, "--server", server, "-o", "json");

    const { automation, comparison } = JSON.parse(stdout) as {
      automation: { harmful: string[] };
      comparison: { agree: boolean }[];
    };
    assert.deepEqual(automation.harmful, [acted]);
    assert.deepEqual(
      comparison.map(({ agree }) => agree),
      [true],
    );
  });

  it("shows an action that the log took back and that still holds", async () => {
    const policies = { throttle: { ...rig.state.policies.throttle!, active: activeOf(rig) } };
    state = { ...rig.state, policies };
    const { stdout } = await ask("incident", acted, "--server", server);
    state = rig.state;

    assert.match(stdout, /Policy\/throttle: log: the intent alone .* \*\*they differ\*\*\./);
  });

  it("exits 1 for a record that is not in the log", async () => {
    assert.equal((await ask("incident", "none", "--server", server)).code, 1);
  });
});

function activeOf({ records }: EngineRig) {
  const { action } = records.find(({ kind }) => kind === "action")!.body;
  const stage = { stage: 0, stageTick: 0 };
  return { action: action!, rank: 0, decision: "d", sinceTick: 0, before: 1, ...stage };
}
