import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { projectRoot } from "../support/project-root.ts";

const TENANTS = join(projectRoot, "examples/tenants");

function qmesh(...args: readonly string[]) {
  const result = spawnSync(process.execPath, [join(projectRoot, "dist/src/main.js"), ...args]);
  return {
    code: result.status,
    stdout: result.stdout.toString(),
    stderr: result.stderr.toString(),
  };
}

/** 1500 requests in a second, 20 ms each, from 3 tenants, a tenth of them reports. */
function capture(): string {
  const lines = Array.from({ length: 1500 }, (_, i) => ({
    atMs: String(1_700_000_000_000 + Math.floor((i * 2) / 3)),
    durationMs: 20 + (i % 7),
    cluster: "api.v1",
    route: "HTTPRoute/api",
    path: i % 10 === 0 ? "/reports/9" : "/x",
    headers: { "x-request-id": `r${i}`, "x-tenant": ["acme", "free", "other"][i % 3] },
    status: 200,
  }));
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

describe("qmesh replay", () => {
  let folder: string;
  let trace: string;
  let tight: string;

  before(() => {
    folder = temporaryFolder();
    trace = join(folder, "trace.jsonl");
    writeFileSync(trace, capture());
    tight = join(folder, "tight");
    mkdirSync(tight);
    writeFileSync(join(tight, "api.yaml"), tightIntent());
  });

  it("prints the same bytes twice, as a table and as JSON", () => {
    for (const format of ["table", "json"]) {
      const args = ["replay", "--trace", trace, "-f", TENANTS, "--policy", tight, "-o", format];

      const once = qmesh(...args);
      const again = qmesh(...args);

      assert.equal(once.code, 0, once.stderr);
      assert.equal(again.stdout, once.stdout);
    }
  });

  it("has a row for each of 2 tiers and 3 tenants, and counts all 1500 under A and B", () => {
    const { stdout } = qmesh(
      ...["replay", "--trace", trace, "-f", TENANTS, "--policy", tight, "-o", "json"],
    );

    const report = JSON.parse(stdout) as {
      rows: { tier: string; tenant: string; a: { offered: number }; b: { offered: number } }[];
    };
    assert.equal(report.rows.filter(({ a }) => a.offered > 0).length, 6);
    for (const side of ["a", "b"] as const) {
      assert.equal(
        report.rows.reduce((sum, row) => sum + row[side].offered, 0),
        1500,
      );
    }
  });

  it("closes with how many requests differ: none between an intent and itself", () => {
    const same = qmesh("replay", "--trace", trace, "-f", TENANTS, "--policy", TENANTS);
    const other = qmesh("replay", "--trace", trace, "-f", TENANTS, "--policy", tight);

    assert.match(
      same.stdout,
      /^0 of 1500 requests differ: 0 shed only under A, 0 only under B\n$/m,
    );
    assert.match(other.stdout, /^[1-9]\d* of 1500 requests differ: /m);
  });

  it("ends with 1 and one line that names file and line of what it cannot read", () => {
    const broken = join(folder, "broken.jsonl");
    writeFileSync(broken, `${capture().split("\n")[0]}\n{"atMs":1}\n`);

    const { code, stdout, stderr } = qmesh("replay", "--trace", broken, "-f", TENANTS);

    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /broken\.jsonl:2 durationMs: [^\n]*\n$/);
    assert.equal(stderr.split("\n").length, 2);
  });
});

/** The same service without tenants, at most 6 requests in flight. */
function tightIntent(): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: qmesh, listeners: [{name: http, protocol: HTTP, port: 8000}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: api}]}]}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: api, owner: team-api}
spec: {endpoints: ["10.2.0.1:8080"]}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: api, owner: team-api}
spec:
  target: {service: api}
  tiers: [{name: interactive}, {name: report, matches: [{path: {value: /reports}}]}]
  limit: {max: 6}
`;
}
