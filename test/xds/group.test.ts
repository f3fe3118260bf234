import assert from "node:assert/strict";
import { CLUSTER_TYPE, ENDPOINT_TYPE, ROUTE_TYPE } from "../../src/proto/type-url.ts";
import { Group } from "../../src/xds/group.ts";
import { createSnapshot, createXdsServer, type XdsServer } from "../../src/xds/server.ts";
import {
  AGGREGATED,
  type DeltaResponseMessage,
  methodName,
  type SotwResponseMessage,
  type TestStream,
  XdsClient,
} from "./client.ts";

/** Nodes of one key: what one of them refused, the others are kept from. */
type Message = DeltaResponseMessage | SotwResponseMessage;

function clusters(contents: Readonly<Record<string, string>>) {
  const all = Object.entries(contents);
  return createSnapshot(
    all.map(([name, content]) => ({
      typeUrl: CLUSTER_TYPE,
      name,
      value: Buffer.from(`${name}=${content}`),
    })),
  );
}

/** Answers by itself: takes what is good, and refuses every response with something bad in it as a whole. */
class Node {
  readonly held = new Map<string, string>();
  /** How often each bad content came. */
  readonly bad = new Map<string, number>();
  refuses = (content: string) => content.startsWith("bad");
  responses = 0;

  constructor(
    readonly id: string,
    private readonly stream: TestStream<Message>,
  ) {
    stream.call.on("data", (response: Message) => this.receive(response));
    stream.send({ node: { id }, type_url: CLUSTER_TYPE });
  }

  leave(): void {
    this.stream.call.cancel();
  }

  private receive(response: Message): void {
    this.responses += 1;
    const pairs = valuesOf(response).map((text) => text.split("=") as [string, string]);
    const bad = pairs.filter(([, content]) => this.refuses(content));
    for (const [name, content] of bad) {
      this.bad.set(`${name}=${content}`, (this.bad.get(`${name}=${content}`) ?? 0) + 1);
    }
    if (bad.length === 0) for (const [name, content] of pairs) this.held.set(name, content);
    const error_detail = { code: 3, message: "no" };
    const answer = { type_url: response.type_url, response_nonce: response.nonce };
    this.stream.send({ ...answer, ...(bad.length > 0 && { error_detail }) });
  }
}

function valuesOf(response: Message): string[] {
  const bodies =
    "version_info" in response
      ? response.resources
      : response.resources.map(({ resource }) => resource);
  return bodies.map(({ value }) => Buffer.from(value).toString());
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isTrue()) {
    assert.ok(performance.now() < end, `waited 10 s for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

for (const form of ["sotw", "delta"] as const) {
  describe(`nodes of one key, ${form}`, () => {
    let xds: XdsServer;
    let client: XdsClient;
    let treated: ReadonlySet<string>;

    beforeEach(async () => {
      treated = new Set();
      xds = createXdsServer({ nodeKey: ({ id }) => (treated.has(id) ? "treated" : "fleet") });
      client = new XdsClient(await xds.listen("127.0.0.1:0"));
    });

    afterEach(() => {
      client.close();
      xds.stop();
    });

    function connect(id: string): Node {
      return new Node(id, client.open(AGGREGATED, methodName(AGGREGATED, form)));
    }

    function states(): Record<string, string> {
      return Object.fromEntries(
        xds.status().map(({ nodeId, types }) => [nodeId, types[0]?.state ?? "-"]),
      );
    }

    it("statement 6, 35 (S, D): 1 bad cluster of 8 comes to 97 of 100 nodes once or never, 3 of them find it, and all hold the other 7", async () => {
      const names = Array.from({ length: 8 }, (_, i) => `c${i}`);
      xds.setSnapshot("fleet", clusters({}));
      const nodes = Array.from({ length: 100 }, (_, i) => connect(`edge-${i}`));
      await until("all to connect", () => nodes.every(({ responses }) => responses === 1));
      const contents = Object.fromEntries(names.map((name) => [name, name === "c5" ? "bad" : "1"]));
      xds.setSnapshot("fleet", clusters(contents));
      await until("all to hold 7", () => nodes.every(({ held }) => held.size === 7));
      await until("the verdict", () => xds.withheld().length === 1);

      const counts = nodes.map(({ bad }) => bad.get("c5=bad") ?? 0).sort((a, b) => a - b);
      const judges = counts.splice(-3);
      assert.ok(
        counts.every((count) => count <= 1),
        counts.join(),
      );
      assert.ok(
        judges.every((count) => count <= 2 + Math.log2(8)),
        judges.join(),
      );
      const [{ key, name, message, nodeId }] = xds.withheld() as [
        ReturnType<XdsServer["withheld"]>[number],
      ];
      assert.deepEqual([key, name, message], ["fleet", "c5", "no"]);
      assert.ok(judges.includes(nodes.find(({ id }) => id === nodeId)?.bad.get("c5=bad") ?? 0));
    });

    it("moves 1 of 3 nodes to another key and back on one stream: it is sent what differs, the others nothing", async () => {
      xds.setSnapshot("fleet", clusters({ a: "1", b: "1" }));
      const nodes = ["one", "two", "three"].map(connect);
      await until("all to hold a=1", () => nodes.every(({ held }) => held.get("a") === "1"));
      const before = nodes.map(({ responses }) => responses);
      treated = new Set(["two"]);
      xds.setSnapshot("treated", clusters({ a: "2", b: "1" }), { from: "fleet" });
      xds.regroup();
      await until("two to hold a=2", () => nodes[1]!.held.get("a") === "2");
      assert.equal(xds.status().find(({ nodeId }) => nodeId === "two")?.key, "treated");
      treated = new Set();
      xds.regroup();
      xds.deleteSnapshot("treated");
      await until("two to hold a=1", () => nodes[1]!.held.get("a") === "1");
      assert.deepEqual(
        nodes.map(({ responses }, at) => responses - before[at]!),
        [0, 2, 0],
      );
    });

    it("leaves a node that came over from another key with what was good there when it refuses", async () => {
      xds.setSnapshot("fleet", clusters({ a: "1" }));
      const node = connect("two");
      await until("it to hold a=1", () => states().two === "SYNCED");
      treated = new Set(["two"]);
      xds.setSnapshot("treated", clusters({ a: "bad" }), { from: "fleet" });
      xds.regroup();
      await until("the verdict", () => xds.withheld().length === 1);
      assert.equal(node.held.get("a"), "1");
      assert.ok(xds.withheld()[0]?.lastGood !== undefined);
    });

    it("statement 6, 42 (S, D): who comes after a refusal gets the last good content, the other changes, and then the mended one", async () => {
      xds.setSnapshot("fleet", clusters({ a: "1", b: "1" }));
      const first = connect("first");
      await until("the first", () => states().first === "SYNCED");
      xds.setSnapshot("fleet", clusters({ a: "bad", b: "1" }));
      await until("the verdict", () => xds.withheld().length === 1);
      xds.setSnapshot("fleet", clusters({ a: "bad", b: "2" }));
      const late = connect("late");
      await until("both to hold b=2", () =>
        [first, late].every(({ held }) => held.get("b") === "2"),
      );

      assert.equal(late.held.get("a"), "1");
      assert.equal(late.bad.size, 0);
      assert.equal(first.bad.get("a=bad"), 1);
      await until("both states", () => states().late === "STALE");
      assert.deepEqual(states(), { first: "REJECTED", late: "STALE" });

      xds.setSnapshot("fleet", clusters({ a: "3", b: "2" }));
      await until("all in sync", () => Object.values(states()).every((s) => s === "SYNCED"));
      assert.deepEqual([first.held.get("a"), late.held.get("a")], ["3", "3"]);
      assert.deepEqual(xds.withheld(), []);
    });

    it("statement 6, 42 (S, D): what another has accepted before is withheld from nobody", async () => {
      xds.setSnapshot("fleet", clusters({ a: "1" }));
      connect("good");
      await until("the first verdict", () => states().good === "SYNCED");
      const picky = connect("picky");
      picky.refuses = () => true;
      await until("the refusal", () => states().picky === "REJECTED");
      const late = connect("late");
      await until("the late one", () => late.held.get("a") === "1");

      assert.deepEqual(xds.withheld(), []);
      assert.equal(picky.bad.get("a=1"), 1);
    });

    it("goes on when the one that searches leaves: another finds the bad one of 4", async () => {
      xds.setSnapshot("fleet", clusters({}));
      const [one, two] = [connect("one"), connect("two")];
      await until("both", () => one.responses + two.responses === 2);
      one.refuses = () => true;
      xds.setSnapshot("fleet", clusters({ a: "1", b: "bad", c: "1", d: "1" }));
      await until("a refusal", () => one.bad.size > 0);
      one.leave();
      await until("the rest", () => two.held.size === 3);
      await until("the verdict", () => xds.withheld().some(({ name }) => name === "b"));
    });
  });
}

describe("what a group is given while a route is withheld", () => {
  const first = { streamId: 1, nodeId: "edge-1" };
  const other = { streamId: 2, nodeId: "edge-2" };
  const value = (content: string) => Buffer.from(content);
  const to = (cluster: string) => [{ typeUrl: CLUSTER_TYPE, name: cluster }];
  const mesh = (cluster: string, content: string) =>
    createSnapshot([
      { typeUrl: CLUSTER_TYPE, name: cluster, value: value("1") },
      { typeUrl: ENDPOINT_TYPE, name: cluster, value: value("1") },
      { typeUrl: ROUTE_TYPE, name: "r", value: value(content), refs: to(cluster) },
    ]);

  function acceptAll(group: Group): void {
    for (const [typeUrl, { resources }] of group.snapshot.types) {
      group.accept(typeUrl, [...resources.values()]);
    }
  }

  function refuseRoute(group: Group): void {
    const resources = [group.snapshot.types.get(ROUTE_TYPE)!.resources.get("r")!];
    const by = { ...first, message: "no", nowMs: 0, others: () => [] };
    group.refuse({ ...by, typeUrl: ROUTE_TYPE, resources, isAlone: true });
  }

  function namesServed(group: Group, typeUrl: string): string[] {
    return [...(group.servedTo(other).types.get(typeUrl)?.resources.keys() ?? [])];
  }

  it("statement 41, 42 (S, D): has the last good route with the cluster and endpoints it names, over 3 snapshots without them", () => {
    const group = new Group(mesh("old", "1"));
    acceptAll(group);
    for (const [cluster, content] of [
      ["new", "bad 1"],
      ["newer", "bad 2"],
      ["newest", "bad 3"],
    ] as const) {
      group.setSnapshot(mesh(cluster, content));
      refuseRoute(group);
      const route = group.servedTo(other).types.get(ROUTE_TYPE)?.resources.get("r");
      assert.equal(Buffer.from(route?.value ?? []).toString(), "1");
      assert.deepEqual(namesServed(group, CLUSTER_TYPE), [cluster, "old"].sort());
      assert.deepEqual(namesServed(group, ENDPOINT_TYPE), [cluster, "old"].sort());
    }

    group.setSnapshot(mesh("good", "4"));
    acceptAll(group);
    assert.equal(group.servedTo(other), group.snapshot);
    group.setSnapshot(mesh("last", "5"));
    assert.deepEqual(namesServed(group, CLUSTER_TYPE), ["last"]);
  });

  it("is the refused content after all once another node, which was sent it before the refusal, accepts it", () => {
    const group = new Group(mesh("old", "1"));
    acceptAll(group);
    group.setSnapshot(mesh("new", "2"));
    refuseRoute(group);
    assert.equal(group.withheld.length, 1);
    acceptAll(group);

    assert.deepEqual(group.withheld, []);
    assert.equal(group.servedTo(other), group.snapshot);
  });

  it("is withheld from all but the stream that searches, until that ends without a verdict", () => {
    const group = new Group(mesh("old", "1"));
    const resources = [...group.snapshot.types.values()].flatMap((type) => [
      ...type.resources.values(),
    ]);
    const clusters = resources.filter(({ typeUrl }) => typeUrl === CLUSTER_TYPE);
    const by = { ...first, message: "no", nowMs: 0, others: () => [] };
    group.refuse({ ...by, typeUrl: CLUSTER_TYPE, resources: clusters, isAlone: false });
    assert.deepEqual(namesServed(group, CLUSTER_TYPE), []);
    assert.equal(group.servedTo(first).types.get(CLUSTER_TYPE)?.resources.size, 1);
    assert.deepEqual(group.withheld, []);

    assert.equal(group.endSearch(2), false);
    assert.equal(group.endSearch(1), true);
    assert.equal(group.servedTo(other), group.snapshot);
  });
});
