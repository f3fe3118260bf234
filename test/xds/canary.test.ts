import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLUSTER_TYPE, RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import { SnapshotCache } from "../../src/xds/cache.ts";
import { Canaries, type Spread } from "../../src/xds/canaries.ts";
import { FanOut } from "../../src/xds/fan-out.ts";
import { NodeStatusTable } from "../../src/xds/node-status.ts";
import { createSnapshot, type Snapshot, typeSnapshotOf } from "../../src/xds/snapshot.ts";
import type { Verdict } from "../../src/xds/trial.ts";
import { projectRoot } from "../support/project-root.ts";

const KEY = "edge";
const NODES = ["a", "b", "c", "d"];
const SPREADS: Readonly<Record<string, Spread>> = { all: "all", as: "as before" };

/** Plays `canary.txt` to the part of the server that has no sockets. */
class Player {
  private nowMs = 0;
  private timers: { readonly atMs: number; readonly fire: () => void }[] = [];
  private said: Verdict = "yes";
  private content = "";
  private layer: string | undefined;
  private readonly cache = new SnapshotCache(
    new FanOut({ nowMs: () => 0, defer: () => undefined }),
  );
  private readonly status = new NodeStatusTable(() => undefined);
  private readonly canaries = new Canaries(
    { share: 0.25, holdMs: 10_000, lagMs: 30_000, mayGoOn: () => this.said },
    {
      cache: this.cache,
      status: this.status,
      nowMs: () => this.nowMs,
      schedule: (ms, fire) => {
        this.timers.push({ atMs: this.nowMs + ms, fire });
        return () => undefined;
      },
      emit: () => undefined,
    },
  );

  constructor() {
    for (const id of NODES) this.status.connect(this.identity(id), 0);
  }

  run(line: string): string {
    const [, verb, word = "", rest = ""] = /^(\w+) ?("[^"]*"|\S*) ?(.*)$/.exec(line) ?? [];
    const text = (quoted: string) => quoted.replaceAll('"', "");
    if (verb === "publish") this.publish(word, rest);
    else if (verb === "at") this.advance(Number(word));
    else if (verb === "say")
      this.said = word === "wait" || word === "yes" ? word : { hold: text(word) };
    else if (verb === "hold") for (const id of word === "all" ? NODES : [word]) this.report(id);
    else if (verb === "refuse") this.report(word, text(rest));
    else throw new Error(`unknown verb "${verb}"`);
    const given = NODES.map((id) => `${id}=${this.contentOf(id)}`);
    const trial = this.canaries.list().map(({ held }) => (held ? `held: ${held}` : "trying"));
    return [...given, ...trial].join(" ");
  }

  private publish(word: string, spread: string): void {
    if (word.startsWith("rtds:")) this.layer = word.slice(5);
    else this.content = word;
    const layer = this.layer === undefined ? [] : [resource(RUNTIME_TYPE, this.layer)];
    const snapshot = createSnapshot([resource(CLUSTER_TYPE, this.content), ...layer]);
    const how = SPREADS[spread];
    this.canaries.publish(KEY, snapshot, how === undefined ? {} : { spread: how });
  }

  private advance(toMs: number): void {
    for (;;) {
      const next = this.timers.sort((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > toMs) break;
      this.timers.shift();
      this.nowMs = next.atMs;
      next.fire();
    }
    this.nowMs = toMs;
  }

  private report(id: string, refusal?: string): void {
    const { version } = typeSnapshotOf(this.servedTo(id), CLUSTER_TYPE);
    const rejection = { name: "x", version, message: refusal ?? "", sinceMs: this.nowMs };
    this.status.report(this.identity(id), [
      {
        ...{ typeUrl: CLUSTER_TYPE, wanted: version, sent: version },
        acked: refusal === undefined ? version : undefined,
        hasRejection: refusal !== undefined,
        rejections: refusal === undefined ? [] : [rejection],
      },
    ]);
  }

  private contentOf(id: string): string {
    const served = this.servedTo(id);
    const of = (typeUrl: string) =>
      [...typeSnapshotOf(served, typeUrl).resources.values()].map(({ value }) => value.toString());
    return [...of(CLUSTER_TYPE), ...of(RUNTIME_TYPE)].join("+");
  }

  private servedTo(id: string): Snapshot {
    const { streamId, node } = this.identity(id);
    return this.cache.servedTo(KEY, { streamId, nodeId: node.id })!;
  }

  private identity(id: string) {
    const locality = { region: "", zone: "", subZone: "" };
    const node = { id, cluster: "", metadata: {}, locality, userAgent: "", clientFeatures: [] };
    return { streamId: NODES.indexOf(id) + 1, key: KEY, node };
  }
}

function resource(typeUrl: string, content: string) {
  return { typeUrl, name: "x", value: Buffer.from(content) };
}

describe("canary push", () => {
  const text = readFileSync(join(projectRoot, "test/scenarios/canary-push/canary.txt"), "utf8");
  for (const script of text.split(/^== /m).slice(1)) {
    const [title = "", ...lines] = script.trimEnd().split("\n");
    it(title, () => {
      const player = new Player();
      let answer = "";
      const played = lines.map((line) => {
        if (line.startsWith("<")) return `< ${answer}`;
        if (line !== "") answer = player.run(line);
        return line;
      });
      assert.deepEqual(played, lines);
    });
  }
});
