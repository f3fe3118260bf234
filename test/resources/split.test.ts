import assert from "node:assert/strict";
import type { Backend } from "../../src/policy/intent/route.ts";
import { Catalog } from "../../src/resources/catalog.ts";
import { splitBackends } from "../../src/resources/split.ts";
import { policySet, service } from "../support/policy-set.ts";

function named(name: string, weights: Record<string, number>) {
  const versions = Object.keys(weights).map((version) => ({ name: version, endpoints: [] }));
  return service({ name, versions, weights });
}

const CATALOG = new Catalog(
  policySet({
    services: [
      named("canary", { v1: 90, v2: 10 }),
      named("thirds", { v1: 1, v2: 2 }),
      named("shares", { v1: 0.25, v2: 0.75 }),
      named("huge", { v1: 3_000_000_000, v2: 1_000_000_000 }),
      named("plain", { v1: 1 }),
    ],
  }),
);

describe("splitBackends", () => {
  for (const [what, backends, expected] of [
    [
      "takes one service's shares as they are written, whatever its own weight",
      [{ service: "canary", weight: 7 }],
      { "canary.v1": 90, "canary.v2": 10 },
    ],
    [
      "takes named versions as they are written, 0 included",
      [
        { service: "canary", version: "v1", weight: 3 },
        { service: "canary", version: "v2", weight: 0 },
      ],
      { "canary.v1": 3, "canary.v2": 0 },
    ],
    [
      // Least common multiple of 100 and 3 is 300: 2 * 90 * 3, 2 * 10 * 3, 1 * 1 * 100, 1 * 2 * 100.
      "splits 2 : 1 between services of 90 : 10 and 1 : 2 exactly",
      [
        { service: "canary", weight: 2 },
        { service: "thirds", weight: 1 },
      ],
      { "canary.v1": 540, "canary.v2": 60, "thirds.v1": 100, "thirds.v2": 200 },
    ],
    [
      "adds up a version that two backends lead to",
      [
        { service: "canary", weight: 1 },
        { service: "canary", version: "v1", weight: 1 },
      ],
      { "canary.v1": 190, "canary.v2": 10 },
    ],
    [
      "takes broken shares in parts of a million",
      [{ service: "shares", weight: 1 }],
      { "shares.v1": 250_000, "shares.v2": 750_000 },
    ],
    [
      // 4e9 fits 32 bits alone, but 1 : 1 with another service makes 8e9.
      "falls back to parts of a million where exact weights pass 32 bits",
      [
        { service: "huge", weight: 1 },
        { service: "plain", weight: 1 },
      ],
      { "huge.v1": 375_000, "huge.v2": 125_000, "plain.v1": 500_000 },
    ],
    [
      "gives 0 to all versions of a backend at 0",
      [{ service: "canary", weight: 0 }],
      { "canary.v1": 0, "canary.v2": 0 },
    ],
  ] as const) {
    it(what, () => {
      const split = splitBackends(backends as readonly Backend[], CATALOG);

      assert.deepEqual(
        Object.fromEntries(split.map(({ name, weight }) => [name, weight])),
        expected,
      );
    });
  }
});
