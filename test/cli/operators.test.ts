import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";

import { join } from "node:path";
import { parse } from "yaml";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { startApi } from "../../src/api/server.ts";
import type { PolicyView } from "../../src/api/view/operation.ts";
import { doubtLines } from "../../src/cli/automation-tables.ts";
import { judgeStatus, renderFindings } from "../../src/cli/check.ts";
import { renderRows } from "../../src/cli/get.ts";
import { cellOf, KINDS } from "../../src/cli/get-columns.ts";
import { renderTop } from "../../src/cli/top.ts";
import { nodeDocument, statusDocument } from "../api/documents.ts";
import { NOW_MS } from "../support/operators/example-api.ts";
import { ExampleMesh } from "../support/operators/example-model.ts";
import { exampleStatus } from "../support/operators/example-status.ts";
import { projectRoot } from "../support/project-root.ts";

const policies = () => new ExampleMesh(NOW_MS).model.policies?.() as readonly PolicyView[];

const MAIN = join(projectRoot, "dist/src/main.js");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not `spawnSync`: the server it asks is in this process. */
function qmesh(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...words]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("qmesh get, top and check", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  let server: string;

  before(async () => {
    const metrics = { contentType: "text/plain", text: async () => "" };
    const { model } = new ExampleMesh(NOW_MS);
    const status = () => exampleStatus(60, 3);
    api = await startApi({ host: "127.0.0.1", port: 0, status, metrics, model });
    server = `127.0.0.1:${api.port}`;
  });
  after(() => api.stop());

  for (const kind of Object.keys(KINDS)) {
    it(`has for ${kind} a row an item, and no column without a value in any`, async () => {
      const response = await fetch(`http://${server}/v1/${kind}`);
      const { items } = (await response.json()) as { items: Record<string, unknown>[] };
      const [head = "", ...rows] = renderRows(kind, items, true).trimEnd().split("\n");

      if (kind === "judgements") return assert.equal(head, "There are no judgements.");
      assert.equal(rows.length, items.length);
      for (const { path } of KINDS[kind]!)
        assert.ok(
          items.some((item) => cellOf(item, path) !== "-"),
          path,
        );
    });
  }

  it("gets overrides as a table and as YAML", async () => {
    const [table, yaml] = await Promise.all([
      qmesh("get", "overrides", "--server", server),
      qmesh("get", "overrides", "--server", server, "-o", "yaml"),
    ]);

    assert.match(table.stdout, /^ID .* KNOB .*\n.* 0\.5 +mira /);
    assert.equal((parse(yaml.stdout) as { items: unknown[] }).items.length, 1);
  });

  it("ends without a word when its reader has seen enough", () => {
    const piped = `"${process.execPath}" "${MAIN}" schema | head -c 10; exit \${PIPESTATUS[0]}`;
    const { status, stderr } = spawnSync("bash", ["-c", piped], { encoding: "utf8" });

    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("gets one rollout whole", async () => {
    const { code, stdout } = await qmesh("get", "rollouts", "search", "--server", server);

    assert.equal(code, 0);
    assert.equal((parse(stdout) as { phase: string }).phase, "waiting");
  });

  for (const [words, code, sentence] of [
    [["get", "rolouts"], 2, /there is no kind rolouts; did you mean rollouts\?/],
    [["get", "rollouts", "none"], 1, /there is no none among the rollouts: qmesh get rollouts/],
    [["explain", "no-such-id"], 1, /there is no no-such-id among the decisions/],
    [["override", "rateLimit.api.factor", "--ttl", "1h", "--reason", "x"], 2, /write KNOB=VALUE/],
    [["override", "rateLimit.api.factor=", "--ttl", "1h", "--reason", "x"], 2, /write KNOB=VALUE/],
    [["get", "overrides", "x"], 2, /of overrides there is the list only/],
    [["gett"], 2, /Did you mean get\?/],
  ] as const) {
    it(`says what is wrong with qmesh ${words.join(" ")}: exit ${code}`, async () => {
      const ended = await qmesh(...words, ...(words[0] === "gett" ? [] : ["--server", server]));

      assert.equal(ended.code, code);
      assert.match(ended.stderr, sentence);
    });
  }

  it("says by name what a control plane without automation lacks", async () => {
    const metrics = { contentType: "text/plain", text: async () => "" };
    const bare = await startApi({ host: "127.0.0.1", port: 0, status: statusDocument, metrics });
    const { code, stderr } = await qmesh("get", "rollouts", "--server", `127.0.0.1:${bare.port}`);
    await bare.stop();

    assert.equal(code, 1);
    assert.match(stderr, /^rollouts is not available: /);
  });

  it("shows the scope that sheds most first", async () => {
    const { code, stdout } = await qmesh("top", "--server", server);

    assert.equal(code, 0);
    assert.match(stdout, /^SHEDDING .*\ncheckout on edge-/);
  });

  it("tells beside objectives which of 2 Policies goes by its rules or rests, and why", () => {
    const [view] = policies();
    const methodWhy = "its probabilities came true less often than a threshold would have";
    const doubted = { ...view!, methodWhy, breaker: "open", breakerWhy: "2 failed" } as const;
    const { methodWhy: _, ...calm } = view!;

    assert.deepEqual(doubtLines(calm), []);
    assert.deepEqual(doubtLines(doubted), [
      `Policy relief goes by its rules: ${methodWhy}.`,
      "Policy relief rests, its breaker open: 2 failed.",
    ]);
  });

  it("finds a refusing Envoy: exit 1, and a hint", async () => {
    assert.equal((await qmesh("check", "--server", server)).code, 1);
    assert.ok(judgeStatus(statusDocument()).every(({ state }) => state === "ok"));
    const types = [
      { type: "LDS", state: "REJECTED" as const, rejections: [{ name: "a", message: "b" }] },
    ];
    const findings = judgeStatus(statusDocument({ nodes: [nodeDocument({ types })] }));
    const text = renderFindings(findings);

    assert.equal(findings.filter(({ state }) => state === "failed").length, 1);
    assert.match(text, /✖ failed {2}none refuses a resource\n +edge-1: qmesh proxies says why/);
  });

  it("warns of 2 Envoys of one id and of one without a role of the intent, each by name", () => {
    const nodes = [
      nodeDocument({ faults: ["is the id of 2 Envoys: give each one of its own"] }),
      nodeDocument({
        id: "ghost-1",
        faults: ["runs as gateway/egde, which the intent does not have"],
      }),
    ];
    const [warning, ...others] = judgeStatus(statusDocument({ nodes })).filter(
      ({ state }) => state !== "ok",
    );

    assert.deepEqual(others, []);
    assert.equal(
      warning?.hint,
      "edge-1 is the id of 2 Envoys: give each one of its own; ghost-1 runs as gateway/egde, which the intent does not have",
    );
  });

  it("checks this machine before anything is started, with 0 failures here", async () => {
    const data = temporaryFolder();
    const { stdout } = await qmesh("check", "--pre", "--data", data, "-o", "json");

    const { findings } = JSON.parse(stdout) as { findings: { state: string }[] };
    assert.ok(findings.length >= 7);
    assert.deepEqual(
      findings.filter(({ state }) => state === "failed"),
      [],
    );
  });

  it("lets no name draw over another row", () => {
    const row = { name: "e\u001b[2J\nvil" };
    assert.doesNotMatch(renderRows("rollouts", [row], true).replaceAll("\n", ""), /\p{Cc}/u);
    const shedding = [
      {
        ...{ shedding: "a\nb", node: "c\u001b", state: "healthy" as const, why: "", tiers: [] },
        bounds: { min: 1, max: 2, initial: 1 },
      },
    ];
    assert.doesNotMatch(renderTop({ shedding, clusters: [] }, 5).replaceAll("\n", ""), /\p{Cc}/u);
  });
});
