import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "../../src/proto/type-url.ts";
import {
  createSnapshot,
  type Resource,
  type ResourceRef,
  type Snapshot,
} from "../../src/xds/snapshot.ts";
import { MeshClient, type MeshOptions } from "./mesh-client.ts";

/**
 * Make before break over random histories of a mesh: services are added, renamed, split and removed, routes and listeners
 * change and are renamed, some of it is bad, and network and answers lag behind at random. `mesh-client.ts` fails as
 * soon as a route in use names a cluster that takes no traffic.
 */
interface Mesh {
  /** Cluster -> revision of its settings. */
  readonly clusters: Map<string, number>;
  /** Route configuration -> its clusters and revision. */
  readonly routes: Map<string, { clusters: string[]; revision: number }>;
  /** Listener -> route configuration. */
  readonly listeners: Map<string, string>;
  readonly bad: Set<string>;
  /** How many names were given. */
  names: number;
}

type Change =
  | { readonly kind: "add" | "rename" | "split" | "remove"; readonly pick: number }
  | { readonly kind: "weigh" | "touch" | "renameRoute" | "spoil" | "mend"; readonly pick: number };
type Op =
  | { readonly kind: "server" }
  | { readonly kind: "client" }
  | { readonly kind: "reconnect" }
  | { readonly kind: "change"; readonly changes: readonly Change[] };

const KINDS = ["add", "rename", "split", "remove", "weigh", "touch", "renameRoute"] as const;
const BAD_KINDS = ["spoil", "mend"] as const;

function histories(
  kinds: readonly Change["kind"][],
  canReconnect = false,
): fc.Arbitrary<readonly Op[]> {
  const change = fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat(20) });
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<Op>({ kind: "server" }) },
      { weight: 3, arbitrary: fc.constant<Op>({ kind: "client" }) },
      { weight: canReconnect ? 1 : 0, arbitrary: fc.constant<Op>({ kind: "reconnect" }) },
      { weight: 2, arbitrary: changes.map((all): Op => ({ kind: "change", changes: all })) },
    ),
    { minLength: 10, maxLength: 60, size: "max" },
  );
}

function newMesh(): Mesh {
  return {
    clusters: new Map([["c0", 0]]),
    routes: new Map([["r0", { clusters: ["c0"], revision: 0 }]]),
    listeners: new Map([["l0", "r0"]]),
    bad: new Set(),
    names: 0,
  };
}

function freshName(mesh: Mesh, prefix: string): string {
  mesh.names += 1;
  return `${prefix}${mesh.names}`;
}

function at<T>(all: Iterable<T>, pick: number): T {
  const list = [...all];
  return list[pick % list.length]!;
}

function apply(mesh: Mesh, { kind, pick }: Change): void {
  const { clusters, routes, listeners } = mesh;
  const cluster = at(clusters.keys(), pick);
  const [routeName, route] = at(routes, pick);
  switch (kind) {
    case "add": {
      const name = freshName(mesh, "c");
      clusters.set(name, 0);
      const added = freshName(mesh, "r");
      routes.set(added, { clusters: [name], revision: 0 });
      listeners.set(freshName(mesh, "l"), added);
      return;
    }
    case "rename": {
      const name = freshName(mesh, "c");
      clusters.set(name, 0);
      clusters.delete(cluster);
      for (const one of routes.values()) {
        one.clusters = one.clusters.map((old) => (old === cluster ? name : old));
      }
      return;
    }
    case "split": {
      const name = freshName(mesh, "c");
      clusters.set(name, 0);
      route.clusters = [...route.clusters, name];
      return;
    }
    case "remove": {
      if (clusters.size === 1) return;
      clusters.delete(cluster);
      const rest = at(clusters.keys(), pick);
      for (const one of routes.values()) {
        const left = one.clusters.filter((name) => name !== cluster);
        one.clusters = left.length === 0 ? [rest] : left;
      }
      return;
    }
    case "weigh":
      route.revision += 1;
      return;
    case "touch":
      clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1);
      return;
    case "renameRoute": {
      const name = freshName(mesh, "r");
      routes.delete(routeName);
      routes.set(name, route);
      for (const [listener, used] of listeners)
        if (used === routeName) listeners.set(listener, name);
      return;
    }
    case "spoil":
      mesh.bad.add(at([cluster, routeName, at(listeners.keys(), pick)], pick));
      return;
    case "mend":
      mesh.bad.clear();
  }
}

function toSnapshot({ clusters, routes, listeners, bad }: Mesh, hasRefs: boolean): Snapshot {
  const make = (typeUrl: string, name: string, content: string, refs: ResourceRef[]): Resource => {
    const value = Buffer.from(bad.has(name) ? `bad ${content}` : content);
    return { typeUrl, name, value, ...(hasRefs && { refs }) };
  };
  const used = [...routes].filter(([name]) => [...listeners.values()].includes(name));
  return createSnapshot([
    ...[...clusters].flatMap(([name, revision]) => [
      make(CLUSTER_TYPE, name, `${revision}`, [{ typeUrl: ENDPOINT_TYPE, name }]),
      { typeUrl: ENDPOINT_TYPE, name, value: Buffer.from("endpoints"), refs: [] },
    ]),
    ...used.map(([name, { clusters: of, revision }]) => {
      const unique = [...new Set(of)];
      const refs = unique.map((cluster) => ({ typeUrl: CLUSTER_TYPE, name: cluster }));
      return make(ROUTE_TYPE, name, `${unique.join("+")} ${revision}`, refs);
    }),
    ...[...listeners].map(([name, route]) =>
      make(LISTENER_TYPE, name, route, [{ typeUrl: ROUTE_TYPE, name: route }]),
    ),
  ]);
}

function run(options: MeshOptions & { hasRefs: boolean }, history: readonly Op[]): void {
  const client = new MeshClient(options);
  const mesh = newMesh();
  client.publish(toSnapshot(mesh, options.hasRefs));
  for (const op of history) {
    if (op.kind === "server") client.serverReads();
    else if (op.kind === "client") client.clientReads();
    else if (op.kind === "reconnect") client.reconnect();
    else {
      for (const one of op.changes) apply(mesh, one);
      client.publish(toSnapshot(mesh, options.hasRefs));
    }
  }
  client.settle();
  mesh.bad.clear();
  const last = toSnapshot(mesh, options.hasRefs);
  client.publish(last);
  client.settle();
  for (const typeUrl of [CLUSTER_TYPE, LISTENER_TYPE, ROUTE_TYPE]) {
    const wanted = [...(last.types.get(typeUrl)?.resources.values() ?? [])];
    assert.deepEqual(
      [...client.contents(typeUrl)].sort(),
      wanted.map(({ name, value }) => [name, Buffer.from(value).toString()]),
    );
  }
}

const RUNS = { numRuns: Number(process.env.QMESH_RUNS ?? 500) };

for (const form of ["sotw", "delta"] as const) {
  describe(`a mesh that changes at random, ${form}`, () => {
    it("statement 39, 40, 41 (S, D): no route in use names a cluster without traffic, at any step", () => {
      fc.assert(
        fc.property(histories(KINDS), (history) =>
          run({ form, takesRest: true, hasRefs: true }, history),
        ),
        RUNS,
      );
    });

    // In state of the world a client that comes back cannot say what it holds, so nothing can be kept for it.
    if (form === "delta") {
      it("statement 33, 41 (D): the same over lost connections", () => {
        fc.assert(
          fc.property(histories(KINDS, true), (history) =>
            run({ form, takesRest: true, hasRefs: true }, history),
          ),
          RUNS,
        );
      });
    }

    it("the same without knowing what refers to what, as long as route configurations keep their names", () => {
      const kinds = KINDS.filter((kind) => kind !== "renameRoute" && kind !== "add");
      fc.assert(
        fc.property(histories(kinds), (history) =>
          run({ form, takesRest: true, hasRefs: false }, history),
        ),
        RUNS,
      );
    });

    for (const takesRest of [true, false]) {
      const how = takesRest ? "alone" : "with all that came along";
      it(`statement 42 (S, D): the same while some of it is bad and refused ${how}`, () => {
        fc.assert(
          fc.property(histories([...KINDS, ...BAD_KINDS]), (history) =>
            run({ form, takesRest, hasRefs: true }, history),
          ),
          RUNS,
        );
      });
    }
  });
}
