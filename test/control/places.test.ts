import assert from "node:assert/strict";
import { Places, roleIn } from "../../src/control/places.ts";

describe("the places of a role", () => {
  it("have a key each, the same for all Envoys there, and none where nobody knows the region", () => {
    const places = new Places();
    const keys = [
      { region: "eu", zone: "a" },
      { region: "eu", zone: "" },
      { region: "", zone: "a" },
      { region: "eu", zone: "a" },
    ].map((place) => places.keyOf("gateway/edge", place));

    assert.deepEqual(keys, [
      "gateway/edge@eu/a",
      "gateway/edge@eu/",
      "gateway/edge",
      "gateway/edge@eu/a",
    ]);
    assert.equal(places.of("gateway/edge").size, 2);
    assert.deepEqual(new Set(keys.map(roleIn)), new Set(["gateway/edge"]));
  });

  it("are at most 64, whatever nodes say: the 65th gets what a node without a place gets", () => {
    const places = new Places();
    const keys = Array.from({ length: 65 }, (_, zone) =>
      places.keyOf("gateway/edge", { region: "eu", zone: String(zone) }),
    );

    assert.equal(keys.at(63), "gateway/edge@eu/63");
    assert.equal(keys.at(64), "gateway/edge");
    assert.equal(
      places.keyOf("gateway/other", { region: "eu", zone: "64" }),
      "gateway/other@eu/64",
    );
  });
});
