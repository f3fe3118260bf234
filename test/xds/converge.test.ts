import assert from "node:assert/strict";
import fc from "fast-check";
import { CLUSTER_TYPE, LISTENER_TYPE } from "../../src/proto/type-url.ts";
import type { Resource } from "../../src/xds/snapshot.ts";
import { Model, type ModelOptions, TYPE_URLS } from "./model-client.ts";

/**
 * Laws over random interleavings: publications, subscriptions, deliveries in both directions, refusals, time and lost
 * connections in any order. The model client itself asserts one unanswered response per type [49], fresh nonces [3] and
 * no name twice [38] at every step.
 */
const NAMES = ["a", "b", "c", "d"];
const ABSENT = "";

type Contents = Readonly<Record<string, string>>;
type Op =
  | { readonly kind: "publish"; readonly contents: Contents }
  | { readonly kind: "toggle"; readonly typeUrl: string; readonly name: string }
  | { readonly kind: "server" | "client" | "reconnect" }
  | { readonly kind: "tick"; readonly ms: number };

const KEYS = TYPE_URLS.flatMap((typeUrl) => NAMES.map((name) => `${typeUrl} ${name}`));

function contents(words: readonly string[]): fc.Arbitrary<Contents> {
  const content = fc.constantFrom(...words);
  return fc.record(Object.fromEntries(KEYS.map((key) => [key, content])));
}

const ANY_CONTENT = [ABSENT, "1", "2", "3", "bad1", "bad2"];
const GOOD_CONTENT = [ABSENT, "1", "2", "3"];

function ops(canReconnect: boolean): fc.Arbitrary<readonly Op[]> {
  const read = fc.constantFrom<Op>({ kind: "server" }, { kind: "client" });
  const other: fc.Arbitrary<Op>[] = [
    contents(ANY_CONTENT).map((c): Op => ({ kind: "publish", contents: c })),
    fc
      .tuple(fc.constantFrom(...TYPE_URLS), fc.constantFrom(...NAMES, "*"))
      .filter(([typeUrl, name]) => name !== "*" || isWhole(typeUrl))
      .map(([typeUrl, name]): Op => ({ kind: "toggle", typeUrl, name })),
    fc.constantFrom(100, 5000).map((ms): Op => ({ kind: "tick", ms })),
  ];
  if (canReconnect) other.push(fc.constant<Op>({ kind: "reconnect" }));
  return fc.array(fc.oneof({ arbitrary: read, weight: 4 }, ...other), {
    maxLength: 60,
    size: "max",
  });
}

function isWhole(typeUrl: string): boolean {
  return typeUrl === CLUSTER_TYPE || typeUrl === LISTENER_TYPE;
}

function toResources(all: Contents): readonly Resource[] {
  return Object.entries(all).flatMap(([key, content]) => {
    const [typeUrl = "", name = ""] = key.split(" ");
    return content === ABSENT ? [] : [{ typeUrl, name, value: Buffer.from(content) }];
  });
}

function apply(model: Model, op: Op): void {
  if (op.kind === "publish") model.publish(toResources(op.contents));
  else if (op.kind === "toggle") model.toggle(op.typeUrl, op.name);
  else if (op.kind === "tick") model.tick(op.ms);
  else if (op.kind === "server") model.serverReads();
  else if (op.kind === "client") model.clientReads();
  else model.reconnect();
}

/** What the client should hold, and what it does, for one type. */
function compare(model: Model, typeUrl: string, all: Contents) {
  const type = model.types.get(typeUrl)!;
  const wanted = NAMES.filter((name) => type.wants(name)).map((name) => [
    name,
    all[`${typeUrl} ${name}`],
  ]);
  const held = NAMES.map((name) => [name, type.held.get(name)?.content ?? ABSENT]);
  return { wanted, held: held.filter(([name]) => type.wants(name ?? "")) };
}

const OPTIONS: readonly ModelOptions[] = [
  { variant: "delta", takesRest: true },
  { variant: "delta", takesRest: false },
  { variant: "sotw", takesRest: true },
  { variant: "sotw", takesRest: false },
];

const RUNS = { numRuns: Number(process.env.QMESH_RUNS ?? 500) };

for (const options of OPTIONS) {
  const { variant, takesRest } = options;
  const how = takesRest ? "takes the rest of a refused response" : "drops a refused response";

  describe(`${variant} with a client that ${how}`, () => {
    it("statement 14, 35, 38, 49 (S, D): converges to exactly what it subscribes to once the content is good, then stays silent", () => {
      fc.assert(
        fc.property(ops(true), contents(GOOD_CONTENT), (all, last) => {
          const model = new Model(options);
          for (const op of all) apply(model, op);
          model.publish(toResources(last));
          model.settle();

          for (const typeUrl of TYPE_URLS) {
            const { wanted, held } = compare(model, typeUrl, last);
            // A deletion cannot be said in state of the world for types that are not sent whole.
            const canDelete = variant === "delta" || isWhole(typeUrl);
            const told = held.filter((_, i) => canDelete || wanted[i]?.[1] !== ABSENT);
            assert.deepEqual(
              told,
              wanted.filter(([, content]) => canDelete || content !== ABSENT),
            );
          }
          const before = model.sent;
          model.publish(toResources(last));
          model.settle();
          assert.equal(model.sent, before);
        }),
        RUNS,
      );
    });

    it("statement 6, 35, 42 (S, D): gives everything good to a client that refuses the bad, and stops asking", () => {
      fc.assert(
        fc.property(ops(variant === "delta"), contents(ANY_CONTENT), (all, last) => {
          const model = new Model(options);
          for (const op of all) apply(model, op);
          model.publish(toResources(last));
          model.settle();

          for (const typeUrl of TYPE_URLS) {
            const { wanted, held } = compare(model, typeUrl, last);
            const isGood = (content: string | undefined) => /^\d/.test(content ?? "");
            const good = wanted.filter(([, content]) => isGood(content));
            assert.deepEqual(
              held.filter((_, i) => isGood(wanted[i]?.[1])),
              good,
            );
          }
        }),
        RUNS,
      );
    });
  });
}
