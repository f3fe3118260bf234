import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { parse, parseAllDocuments } from "yaml";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { KINDS } from "../../src/cli/get-columns.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { record } from "../audit/records.ts";
import { openLog } from "../audit/rig.ts";
import { Identities } from "../support/identities.ts";
import { TOKEN } from "../support/operators/example-api.ts";
import { type ExampleServer, exampleServer } from "../support/operators/example-server.ts";
import { projectRoot } from "../support/project-root.ts";
import { runQmesh } from "../support/run-cli.ts";
import { type Shape, shapeOf } from "../support/shape.ts";

/**
 * What scripts build upon: the shape of `-o json` of every verb that has it. After a change that is meant:
 * UPDATE_GOLDEN=1 npx mocha dist/test/cli/output.test.js
 */
const GOLDEN = join(projectRoot, "test/cli/output.golden.json");
const QUICK_START = join(projectRoot, "examples/quick-start");
const CAPTURED = join(projectRoot, "test/golden/canary-and-backpressure.jsonl");

/** Words by verb; where there are several of a verb, the rest of the name tells them apart. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  analyze: ["analyze", "-f", "BROKEN"],
  translate: ["translate", "-f", QUICK_START],
  replay: ["replay", CAPTURED],
  "replay --trace": ["replay", "--trace", "TRACE", "-f", QUICK_START],
  "certs list": ["certs", "list", "--certs", "CERTS"],
  "audit verify": ["audit", "verify", "--data", "STATE"],
  status: ["status"],
  proxies: ["proxies"],
  ...Object.fromEntries(Object.keys(KINDS).map((kind) => [`get ${kind}`, ["get", kind]])),
  "get rollouts NAME": ["get", "rollouts", "search"],
  top: ["top"],
  check: ["check", "--data", "STATE"],
  apply: ["apply", "-f", QUICK_START, "--token-file", "TOKEN"],
  diff: ["diff", "-f", QUICK_START, "--token-file", "TOKEN"],
  delete: ["delete", "HTTPRoute/checkout", "--token-file", "TOKEN"],
  config: ["config", "edge-1", "clusters"],
  tap: ["tap", "-n", "1"],
  report: ["report", "M1"],
  decisions: ["decisions"],
  explain: ["explain", "t9k2-4be1d0"],
  incident: ["incident", "t9k2-4be1d0"],
  slo: ["slo"],
  actions: ["actions"],
  "actions ID": ["actions", "a-t9k2-4be1d0"],
  alerts: ["alerts"],
  "rollout get": ["rollout", "get"],
  "rollout status": ["rollout", "status", "checkout"],
  "policies list": ["policies", "list"],
  "policies ledger": ["policies", "ledger"],
  "policies history": ["policies", "history"],
  readiness: ["readiness"],
};

describe("-o json and yaml", () => {
  const folder = temporaryFolder();
  const identities = new Identities();
  const seen: Record<string, Shape> = {};
  let server: ExampleServer;

  before(async () => {
    server = await exampleServer();
    const changes = [
      { document: "HTTPRoute/checkout", change: "removed" as const, paths: ["spec"] },
    ];
    server.mesh.answer = { ok: true, intent: { digest: "ab", changes, held: ["more than half"] } };
    mkdirSync(join(folder, "STATE"));
    const rig = await openLog(join(folder, "STATE"));
    await rig.log.append(record(1));
    await rig.close();
    mkdirSync(join(folder, "BROKEN"));
    writeFileSync(join(folder, "BROKEN", "a.yaml"), "kind: Gatewy\n");
    writeFileSync(join(folder, "TOKEN"), TOKEN);
    writeFileSync(join(folder, "TRACE"), TRACED);
  });
  after(async () => {
    await server.stop();
  });

  function run(words: readonly string[], ...more: string[]) {
    const placed = words.map((word) => (PLACES.has(word) ? join(folder, word) : word));
    const own = placed.map((word) => (word === "CERTS" ? identities.folder : word));
    const asks = isAsking(words) ? ["--server", server.url] : [];
    return runQmesh(...own, ...asks, ...more);
  }

  it(`are tried of all verbs that have them`, () => {
    const known = verbsWithJson(
      buildProgram(() => undefined),
      [],
    );
    // What is printed there is not data: the ports taken, and the demo's closing table, which its own test reads.
    const data = known.filter((verb) => verb !== "serve" && verb !== "up");
    const tried = (verb: string) =>
      Object.values(VERBS).some((words) => `${words.join(" ")} `.startsWith(`${verb} `));

    assert.ok(data.length >= 25, `${data.length} verbs`);
    assert.deepEqual(
      data.filter((verb) => !tried(verb) && verb !== "actions show"),
      [],
    );
  });

  for (const [name, words] of Object.entries(VERBS)) {
    it(`of ${name} say the same, and no escape code is in either nor in the table`, async () => {
      const [json, yaml, table] = [
        await run(words, "-o", "json"),
        await run(words, "-o", "yaml"),
        words[0] === "translate" ? undefined : await run(words, "-o", "table"),
      ];

      const documents = name === "tap" ? linesOf(json.stdout) : JSON.parse(json.stdout, whole);
      seen[name] = shapeOf(documents);
      const again =
        name === "tap"
          ? parseAllDocuments(yaml.stdout).map((each) => each.toJS())
          : parse(yaml.stdout, whole);
      assert.deepEqual(shapeOf(again), seen[name]);
      assert.equal(json.stderr.includes(" at "), false, json.stderr);
      assert.equal(yaml.code, json.code);
      assert.ok(table === undefined || table.stdout.length > 0 || table.stderr.length > 0);
      for (const { stdout, stderr } of [json, yaml, table ?? json])
        assert.doesNotMatch((stdout + stderr).replaceAll("\n", ""), /\p{Cc}/u);
    });
  }

  it("have the committed shape", () => {
    const text = `${JSON.stringify(seen, null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, text);

    assert.deepEqual(seen, JSON.parse(readFileSync(GOLDEN, "utf8")));
  });
});

const TRACED = `${JSON.stringify({
  ...{ atMs: "1700000000000", durationMs: 20, cluster: "shop.v1", route: "HTTPRoute/shop" },
  ...{ path: "/", headers: { "x-request-id": "r1" }, status: 200 },
})}\n`;
const PLACES = new Set(["BROKEN", "STATE", "TOKEN", "TRACE"]);

function isAsking([verb = ""]: readonly string[]): boolean {
  return !["analyze", "translate", "replay", "certs", "audit"].includes(verb);
}

/** The body of a resource is Envoy's to shape. */
function whole(key: unknown, value: unknown): unknown {
  return key === "body" || key === "filterConfig" ? {} : value;
}

function linesOf(text: string): unknown[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function verbsWithJson(command: Command, path: readonly string[]): string[] {
  const own = command.options.some(
    ({ long, argChoices }) => long === "--output" && argChoices?.includes("json"),
  );
  return [
    ...(own ? [path.join(" ")] : []),
    ...command.commands.flatMap((each) => verbsWithJson(each, [...path, each.name()])),
  ];
}
