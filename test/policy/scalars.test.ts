import assert from "node:assert/strict";
import fc from "fast-check";
import { parseEndpoint } from "../../src/policy/address.ts";
import { parseDuration } from "../../src/policy/duration.ts";
import { hostnamesMeet } from "../../src/policy/hostname-match.ts";
import { nearest } from "../../src/policy/nearest.ts";
import { printPath } from "../../src/policy/path.ts";
import { regexFault } from "../../src/policy/regex.ts";
import { regexSize } from "../../src/policy/regex-size.ts";

describe("parseDuration", () => {
  const rows: readonly [string, number | undefined][] = [
    ["400ms", 400],
    ["1s", 1000],
    ["1h30m", 5_400_000],
    ["1m1m", 120_000],
    ["0s", 0],
    ["99999h", 359_996_400_000],
    ["100000s", undefined],
    ["1s1s1s1s1s", undefined],
    ["1.5s", undefined],
    ["-1s", undefined],
    ["1", undefined],
    ["1d", undefined],
    ["", undefined],
    [" 1s", undefined],
    ["1s\n", undefined],
  ];
  for (const [text, ms] of rows) {
    it(`reads ${JSON.stringify(text)} as ${ms ?? "nothing"}`, () => {
      assert.equal(parseDuration(text), ms);
    });
  }

  it("reads what is written part by part as the sum of the parts", () => {
    const part = fc.nat(99_999);
    fc.assert(
      fc.property(part, part, part, (m, s, ms) => {
        assert.equal(parseDuration(`${m}m${s}s${ms}ms`), m * 60_000 + s * 1000 + ms);
      }),
    );
  });
});

describe("parseEndpoint", () => {
  it("gives back host and port of any IPv4 and IPv6 address", () => {
    const port = fc.integer({ min: 1, max: 65535 });
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), port, (v4, v6, port) => {
        assert.deepEqual(parseEndpoint(`${v4}:${port}`), { host: v4, port });
        assert.deepEqual(parseEndpoint(`[${v6}]:${port}`), { host: v6, port });
      }),
    );
  });
});

describe("regexFault", () => {
  const taken = [
    "/[a-z]{2}/debug",
    "(?i)nightly-.*",
    "(?P<id>[0-9]+)",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "\\\\1",
    "a{95}",
    "\\(?=a",
    "[[:alpha:]]+",
    "\\x41\\.\\d\\z",
    "(?s:.)",
  ];
  for (const source of taken) {
    it(`takes ${source}`, () => {
      assert.equal(regexFault(source), undefined);
    });
  }

  const refused = [
    "",
    "(",
    "[a",
    "a{97}",
    "((a{5}){5}){5}",
    "[[:foo:]]",
    "[\\b]",
    "[a-\\d]",
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?<!a)b",
    "(a)\\1",
    "(?<n>a)\\k<n>",
    "\\u0041",
    "\\cA",
    "a**",
    "\\",
    "a".repeat(1025),
  ];
  for (const source of refused) {
    it(`refuses ${source.length > 20 ? `${source.length} letters` : JSON.stringify(source)}`, () => {
      assert.match(regexFault(source) ?? "taken", /^QM00(19|05) /);
    });
  }
});

describe("regexSize", () => {
  /** As Envoy 1.40 reports them. */
  const rows: readonly [string, number][] = [
    ["a", 5],
    ["abc", 7],
    ["a+", 6],
    ["a{10}", 14],
    ["a{3,}", 8],
    ["a{3,10}", 21],
    ["a{0,10}", 24],
    ["ab|cd", 8],
    ["(a)", 7],
    ["(?:a)", 5],
    ["(a){3}", 13],
    ["(ab|cd){5}", 34],
    ["[a-z0-9_]", 7],
    ["[^/]{10}", 24],
    [".{10}", 24],
    ["\\W", 9],
    ["é", 6],
    ["😀", 8],
    ["[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", 72],
  ];
  for (const [source, steps] of rows) {
    it(`counts ${steps} steps of ${source}`, () => {
      assert.equal(regexSize(source), steps);
    });
  }

  it("never counts less than Envoy where it counts otherwise", () => {
    const rows: readonly [string, number][] = [
      ["a*", 5],
      ["a|b", 5],
      ["\\w{10}", 34],
      ["[à-ü]", 5],
      ["(?i)[a-z]", 5],
      ["[[:alpha:]]", 5],
      ["(a*)*", 11],
      ["[\\s\\S]", 5],
    ];
    for (const [source, steps] of rows) assert.ok(regexSize(source) >= steps, source);
  });
});

describe("nearest", () => {
  const known = ["backendRefs", "matches", "filters", "PathPrefix"];
  const rows: readonly [string, string | undefined][] = [
    ["backendRef", "backendRefs"],
    ["macthes", "matches"],
    ["FILTERS", "filters"],
    ["Prefix", "PathPrefix"],
    ["retry", undefined],
    ["", undefined],
  ];
  for (const [word, guess] of rows) {
    it(`takes ${JSON.stringify(word)} for ${guess ?? "nothing"}`, () => {
      assert.equal(nearest(word, known), guess);
    });
  }
});

describe("printPath", () => {
  it("prints keys with dots, indices in brackets and odd keys in quotes", () => {
    const path = ["metadata", "annotations", "quantum.mesh/owner", 0, "a"];

    assert.equal(printPath(path), 'metadata.annotations["quantum.mesh/owner"][0].a');
  });
});

describe("hostnamesMeet", () => {
  const rows: readonly [string, string, boolean][] = [
    ["a.b", "a.b", true],
    ["*.b", "a.b", true],
    ["*.b", "x.a.b", true],
    ["*.b", "b", false],
    ["*.b", "*.a.b", true],
    ["*.b", "*.c", false],
    ["a.b", "c.b", false],
    ["*.b", "ab", false],
  ];
  for (const [a, b, meet] of rows) {
    it(`finds that ${a} and ${b} ${meet ? "meet" : "do not meet"}, either way round`, () => {
      assert.equal(hostnamesMeet(a, b), meet);
      assert.equal(hostnamesMeet(b, a), meet);
    });
  }
});
