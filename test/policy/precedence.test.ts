import assert from "node:assert/strict";
import type { RouteMatch } from "../../src/policy/intent/route-match.ts";
import type { Target } from "../../src/policy/intent/target.ts";
import { compareMatches, compareTargets, type RankedMatch } from "../../src/policy/precedence.ts";

type PathType = RouteMatch["path"]["type"];

function ranked(
  type: PathType,
  value: string,
  rest: Partial<RouteMatch> = {},
  place = {},
): RankedMatch {
  const match = { path: { type, value }, headers: [], queryParams: [], ...rest };
  return { match, route: "m", rule: 0, position: 0, ...place };
}

const entry = (name: string) => ({ name, type: "Exact", value: "1" }) as const;

/** First to last, one for each step of the standard's order. */
const inOrder: readonly RankedMatch[] = [
  ranked("Exact", "/pay"),
  ranked("RegularExpression", "/p.*"),
  ranked("PathPrefix", "/pay/card"),
  ranked("PathPrefix", "/pay", { method: "GET" }),
  ranked("PathPrefix", "/pay", { headers: [entry("a"), entry("b")] }),
  ranked("PathPrefix", "/pay", { headers: [entry("a")], queryParams: [entry("q"), entry("r")] }),
  ranked("PathPrefix", "/pay", { headers: [entry("a")], queryParams: [entry("q")] }),
  ranked("PathPrefix", "/pay", { headers: [entry("a")] }),
  ranked("PathPrefix", "/pay", {}, { route: "a", rule: 3 }),
  ranked("PathPrefix", "/pay"),
  ranked("PathPrefix", "/pay", {}, { position: 1 }),
  ranked("PathPrefix", "/pay/", {}, { rule: 1 }),
  ranked("PathPrefix", "/pay", {}, { route: "n" }),
  ranked("PathPrefix", "/"),
];

describe("compareMatches", () => {
  it(`orders each of ${inOrder.length} matches against each other as the standard does`, () => {
    for (const [i, a] of inOrder.entries()) {
      for (const [j, b] of inOrder.entries()) {
        assert.equal(Math.sign(compareMatches(a, b)), Math.sign(i - j), `${i} against ${j}`);
      }
    }
  });
});

describe("compareTargets", () => {
  it("puts a route before a service before a gateway", () => {
    const targets: Target[] = [
      { kind: "gateway", name: "a" },
      { kind: "service", name: "b" },
      { kind: "service", name: "a" },
      { kind: "route", name: "z" },
    ];

    assert.deepEqual(
      targets.sort(compareTargets).map(({ kind, name }) => `${kind} ${name}`),
      ["route z", "service a", "service b", "gateway a"],
    );
  });
});
