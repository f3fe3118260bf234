import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { CLUSTER_TYPE, ENDPOINT_TYPE, ROUTE_TYPE } from "../../src/proto/type-url.ts";
import { createDeltaMachine } from "../../src/xds/delta.ts";
import { createSnapshot, type Resource, typeSnapshotOf } from "../../src/xds/snapshot.ts";
import { Subscription } from "../../src/xds/subscription.ts";
import { encodeDelta } from "../../src/xds/wire.ts";

function resource(name: string, content: string, typeUrl = CLUSTER_TYPE): Resource {
  return { typeUrl, name, value: Buffer.from(content) };
}

const RESOURCES = fc.uniqueArray(
  fc.record({
    typeUrl: fc.constantFrom(CLUSTER_TYPE, ENDPOINT_TYPE),
    name: fc.string({ minLength: 1 }).filter((name) => name !== "*"),
    value: fc.uint8Array({ maxLength: 8 }),
  }),
  { selector: ({ typeUrl, name }) => `${typeUrl} ${name}` },
);

describe("snapshot", () => {
  it("statement 36 (D): versions a resource with the first 64 bit of SHA-256 over its bytes", () => {
    const { resources } = typeSnapshotOf(createSnapshot([resource("a", "content")]), CLUSTER_TYPE);
    const digest = createHash("sha256").update("content").digest("hex");
    assert.equal(resources.get("a")?.version, digest.slice(0, 16));
  });

  it("statement 54 (S, D): the same versions and response bytes on every replica, whatever the order of the input", () => {
    fc.assert(
      fc.property(RESOURCES, fc.nat(), (resources, seed) => {
        const shuffled = resources
          .map((one, i) => ({ one, at: (i * 7919 + seed) % 104_729 }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => ({ ...one, value: Uint8Array.from(one.value) }));
        assert.deepEqual(responsesTo(shuffled), responsesTo(resources));
      }),
    );
  });

  it("statement 36 (D): changes the type's version exactly when a name, a content or the set changes", () => {
    const versionOf = (...all: readonly Resource[]) =>
      typeSnapshotOf(createSnapshot(all), CLUSTER_TYPE).version;
    const versions = [
      versionOf(),
      versionOf(resource("a", "1")),
      versionOf(resource("a", "2")),
      versionOf(resource("b", "1")),
      versionOf(resource("a", "1"), resource("b", "1")),
    ];
    assert.equal(new Set(versions).size, versions.length);
    assert.equal(versionOf(resource("a", "1"), resource("e", "", ROUTE_TYPE)), versions[1]);
  });

  it("shows the caller's label as version, and keeps the hash beside it", () => {
    const snapshot = createSnapshot([resource("a", "1")], { label: "release 7" });
    const { version, contentHash } = typeSnapshotOf(snapshot, CLUSTER_TYPE);
    assert.equal(version, "release 7");
    assert.match(contentHash, /^[0-9a-f]{16}$/);
  });

  for (const [what, resources, message] of [
    ["two resources of one name", [resource("a", "1"), resource("a", "2")], /two .* named "a"/],
    ["an empty name", [resource("", "1")], /"" cannot be a name/],
    ["the wildcard as a name", [resource("*", "1")], /"\*" cannot be a name/],
  ] as const) {
    it(`refuses ${what}`, () => assert.throws(() => createSnapshot(resources), message));
  }
});

/** First response bytes of every type, from a stream that asks for all of it. */
function responsesTo(resources: readonly Resource[]): readonly string[] {
  const machine = createDeltaMachine();
  const snapshot = createSnapshot(resources);
  machine.step({ kind: "snapshot", nowMs: 0, snapshot });
  return [CLUSTER_TYPE, ENDPOINT_TYPE].flatMap((typeUrl) => {
    const request = { typeUrl, nonce: "", subscribe: ["*"], unsubscribe: [], known: {} };
    const actions = machine.step({ kind: "request", nowMs: 0, request });
    return actions.flatMap((action) =>
      action.kind === "send" ? [encodeDelta(action.response).toString("hex")] : [],
    );
  });
}

describe("subscription", () => {
  it("statement 21, 45 (S): no legacy wildcard for named types, but * for every type", () => {
    const endpoints = new Subscription(false);
    endpoints.replace([]);
    assert.equal(endpoints.isWildcard, false);
    endpoints.replace(["*"]);
    assert.equal(endpoints.includes("anything"), true);
  });

  it("statement 22 (S): no names after a name are nothing, not the wildcard", () => {
    const listeners = new Subscription(true);
    listeners.replace([]);
    assert.equal(listeners.isWildcard, true);
    listeners.replace(["a"]);
    listeners.replace([]);
    assert.equal(listeners.isWildcard, false);
  });
});
