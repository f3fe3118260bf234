import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import type { DecisionDetail, DecisionView } from "../../src/api/view/decision.ts";
import type { ClosingDocument } from "../../src/cli/demo/closing-table.ts";
import { until } from "../support/mesh.ts";
import { projectRoot } from "../support/project-root.ts";

/** The demo as a person runs it: it must end by itself with its table, and leave nothing behind however it ends. */
describe("qmesh up", () => {
  let data: string;
  let child: ChildProcess;

  beforeEach(() => {
    data = temporaryFolder();
  });
  afterEach(() => {
    child.kill("SIGKILL");
  });

  function start(...flags: string[]): ChildProcess {
    const main = join(projectRoot, "dist/src/main.js");
    child = spawn(process.execPath, [main, "up", "--data", data, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    return child;
  }

  /** Resolves once load is running. */
  async function traffic(): Promise<void> {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
    });
    await until("traffic", () => /served\/offered/.test(text) || undefined);
  }

  /** Programs whose command line names our data folder or whose parent chain began here. */
  function descendants(pid: number): number[] {
    const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    const parents = rows.map((row) => row.trim().split(/\s+/).map(Number));
    const direct = parents.filter(([, parent]) => parent === pid).map(([own = 0]) => own);
    return direct.flatMap((own) => [own, ...descendants(own)]);
  }

  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it("ends by itself after --duration 6s with exit code 0 and the closing table of 3 runs as JSON", async () => {
    start("--duration", "6s", "-o", "json");
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
    });
    child.stderr?.resume();

    const [code] = await once(child, "exit");

    assert.equal(code, 0);
    const { runs, service } = JSON.parse(text) as ClosingDocument;
    assert.deepEqual(
      runs.map(({ variant }) => variant),
      ["quantum mesh", "filter off", "adaptive_concurrency"],
    );
    assert.equal(service.capacityRps, 400);
    assert.deepEqual(
      runs[0]?.phases.map(({ load }) => load),
      [0.5, 0.8, 1.5, 3, 5],
    );
  });

  it("decides in its first minute: a shadow act of keep-shop-fast with its evidence, by the burn of shop-fast", async () => {
    start();
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
    });
    const server = await until("an address", () => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]);
    const get = async (path: string) => (await (await fetch(`${server}${path}`)).json()) as unknown;

    const decision = await until(
      "a decision",
      async () => {
        const { items } = (await get("/v1/decisions")) as { items: DecisionView[] };
        return items.find(({ verdict, mode }) => verdict === "act" && mode === "shadow");
      },
      60,
    );

    assert.deepEqual(decision.subject, { kind: "Policy", name: "keep-shop-fast" });
    const detail = (await get(`/v1/decisions/${decision.id}`)) as DecisionDetail;
    const seen = detail.seen.find(({ what }) => what.startsWith('burn("shop-fast"'));
    assert.ok(Number(seen?.value) > 1, JSON.stringify(detail.seen));
  });

  for (const [what, signal] of [
    ["Ctrl-C", "SIGINT"],
    ["a crash", "SIGKILL"],
  ] as const) {
    it(`leaves no process behind after ${what}`, async () => {
      start();
      await traffic();
      const children = descendants(child.pid ?? 0);
      assert.ok(
        children.length >= 4,
        `service, load, guard and Envoy, but ${children.length} processes`,
      );

      child.kill(signal);
      await once(child, "exit");

      await until("all of them gone", () => !children.some(isAlive) || undefined);
    });
  }
});
