import assert from "node:assert/strict";
import { CLUSTER_TYPE } from "../../src/proto/type-url.ts";
import { SnapshotCache } from "../../src/xds/cache.ts";
import type { XdsEvent } from "../../src/xds/event.ts";
import { FanOut } from "../../src/xds/fan-out.ts";
import { Seat } from "../../src/xds/seat.ts";
import { secondsOf } from "../../src/xds/second-opinion.ts";
import { createSnapshot, typeSnapshotOf } from "../../src/xds/snapshot.ts";

/** A fleet of one key in virtual time: nodes are visited as the fan-out does, and answer when all of a slice were sent. */
const KEY = "edge";

class Fleet {
  private nowMs = 0;
  private timers: { readonly atMs: number; readonly fire: () => void }[] = [];
  private slices: (() => void)[] = [];
  private answers: (() => void)[] = [];
  readonly events: XdsEvent[] = [];
  readonly held: string[];
  readonly refused: string[][];
  private readonly cache = new SnapshotCache(
    new FanOut({ nowMs: () => this.nowMs++, defer: (slice) => this.slices.push(slice) }),
  );

  constructor(
    size: number,
    private readonly answer: (
      index: number,
      content: string,
    ) => "accepts" | "refuses" | "is silent",
    private readonly subscribes: (index: number) => boolean = () => true,
  ) {
    this.publish("1");
    this.held = Array.from({ length: size }, () => "1");
    this.refused = Array.from({ length: size }, () => []);
    const all = [...typeSnapshotOf(this.cache.get(KEY)!, CLUSTER_TYPE).resources.values()];
    this.cache.accept(KEY, CLUSTER_TYPE, all);
    for (let index = 0; index < size; index++) this.join(index);
    this.run();
  }

  publish(content: string): void {
    const value = Buffer.from(content);
    this.cache.set(KEY, createSnapshot([{ typeUrl: CLUSTER_TYPE, name: "c", value }]));
  }

  private join(index: number): void {
    const locality = { region: "", zone: "", subZone: "" };
    const id = `edge-${index}`;
    const node = { id, cluster: "", metadata: {}, locality, userAgent: "", clientFeatures: [] };
    const seat = new Seat(
      { streamId: index + 1, key: KEY, node },
      {
        cache: this.cache,
        nowMs: () => this.nowMs,
        emit: (event) => this.events.push(event),
        schedule: (ms, fire) => {
          this.timers.push({ atMs: this.nowMs + ms, fire });
          return () => undefined;
        },
      },
    );
    const wants = () => this.subscribes(index);
    this.cache.watch(KEY, { nodeId: id, wants }, () => {
      if (wants()) this.visit(index, seat);
    });
  }

  private visit(index: number, seat: Seat): void {
    const resource = typeSnapshotOf(seat.snapshot!, CLUSTER_TYPE).resources.get("c")!;
    const content = Buffer.from(resource.value).toString();
    if (this.held[index] === content || this.refused[index]?.includes(content)) return;
    const upserts = [resource];
    const said = this.answer(index, content);
    const about = { typeUrl: CLUSTER_TYPE, version: resource.version };
    if (said === "accepts") {
      this.held[index] = content;
      this.answers.push(() =>
        seat.tell({ kind: "acked", ...about, outcome: { kind: "acked", upserts } }),
      );
    } else this.refused[index]?.push(content);
    if (said !== "refuses") return;
    const outcome = { kind: "nacked", upserts, blames: "one" } as const;
    this.answers.push(() => {
      this.events.push(...seat.tell({ kind: "nacked", ...about, message: `no ${index}`, outcome }));
    });
  }

  /** Until nothing more follows by itself. */
  run(): void {
    while (this.slices.length + this.answers.length > 0) {
      this.slices.shift()?.();
      for (const answer of this.answers.splice(0)) answer();
    }
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > this.nowMs);
    for (const { fire } of due) fire();
    this.run();
  }

  count(content: string): number {
    return this.held.filter((each) => each === content).length;
  }

  get withheld() {
    return this.cache.withheld;
  }
}

describe("a second opinion", () => {
  it("a refusing node that is asked first withholds nothing: 100 of 10,000 that refuse everything are visited first, and the other 9,900 get the change at once", () => {
    const fleet = new Fleet(10_000, (index) => (index < 100 ? "refuses" : "accepts"));
    fleet.publish("2");
    fleet.run();

    assert.equal(fleet.count("2"), 9900);
    assert.deepEqual(fleet.withheld, []);
    assert.deepEqual(
      fleet.events.filter(({ kind }) => kind === "withheld"),
      [],
    );
  });

  it("withholds what all refuse after 2 others were asked: of 1,000 nodes at most 12 are sent it, and the verdict names the first", () => {
    const fleet = new Fleet(1000, (_, content) => (content === "bad" ? "refuses" : "accepts"));
    fleet.publish("bad");
    fleet.run();

    const sent = fleet.refused.filter((contents) => contents.includes("bad")).length;
    assert.ok(sent <= 12, `${sent} were sent it`);
    assert.equal(fleet.count("1"), 1000);
    assert.deepEqual(
      fleet.withheld.map(({ nodeId, message }) => [nodeId, message]),
      [["edge-0", "no 0"]],
    );
    assert.equal(fleet.events.filter(({ kind }) => kind === "withheld").length, 1);

    fleet.publish("3");
    fleet.run();
    assert.equal(fleet.count("3"), 1000);
    assert.deepEqual(fleet.withheld, []);
  });

  it("counts the refusal of the one node there is, and of the first of 3 after 5 s if the other 2 are silent", () => {
    const alone = new Fleet(1, (_, content) => (content === "bad" ? "refuses" : "accepts"));
    alone.publish("bad");
    alone.run();
    assert.equal(alone.withheld.length, 1);

    const fleet = new Fleet(3, (index) => (index === 0 ? "refuses" : "is silent"));
    fleet.publish("bad");
    fleet.run();
    assert.deepEqual(fleet.withheld, []);
    fleet.pass(4000);
    assert.deepEqual(fleet.withheld, []);
    fleet.pass(1000);
    assert.deepEqual(
      fleet.withheld.map(({ nodeId }) => nodeId),
      ["edge-0"],
    );
    assert.equal(fleet.events.filter(({ kind }) => kind === "withheld").length, 1);
  });

  it("a node that is not subscribed to the type made everybody wait 5 s: of 1,000 nodes only the 10 that are get asked, and the verdict is there at once", () => {
    const subscribes = (index: number) => index % 100 === 0;
    for (const content of ["good", "bad"]) {
      const fleet = new Fleet(
        1000,
        (index, is) => (is === "bad" || (is === "good" && index === 0) ? "refuses" : "accepts"),
        subscribes,
      );
      fleet.publish(content);
      fleet.run();

      const withheld = fleet.withheld.map(({ nodeId }) => nodeId);
      assert.deepEqual(withheld, content === "bad" ? ["edge-0"] : []);
      assert.equal(fleet.count("good"), content === "bad" ? 0 : 9);
    }
  });

  it("is asked of nodes spread over the fleet, others for another content, and never of the one that refused", () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `edge-${index}`);
    const asked = new Map<string, number>();
    for (let content = 0; content < 500; content++) {
      const seconds = secondsOf(ids, { but: "edge-7", content: `v${content}` });
      assert.equal(new Set(seconds).size, 2);
      for (const id of seconds) asked.set(id, (asked.get(id) ?? 0) + 1);
    }
    assert.equal(asked.has("edge-7"), false);
    assert.ok(asked.size > 500, `only ${asked.size} of 1000 were ever asked`);
    assert.ok(
      Math.max(...asked.values()) < 15,
      `one was asked ${Math.max(...asked.values())} times`,
    );
    assert.deepEqual(secondsOf(["a", "a", "b"], { but: "a", content: "v" }), ["b"]);
  });
});
