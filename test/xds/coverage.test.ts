import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

/**
 * The statements of the protocol that bind this folder, each with at least one case that names its number in brackets:
 * in the title of a test or of a script. The list is the whole of what is claimed; what is not claimed yet is named with
 * its reason.
 */
const CLAIMED = [...Array.from({ length: 45 }, (_, i) => i + 1), 48, 49, 51, 54, 55, 56, 58];

const NOT_YET: Readonly<Record<number, string>> = {
  46: "time to live of resources",
  47: "heartbeats of resources with a time to live",
  50: "cutting a client that stops reading",
  52: "stream cap and connect rate",
  53: "shutdown spread over a jitter window",
  57: "resource_errors",
};

const ROOT = new URL("../../../", import.meta.url);
const TITLE = /(?:^== .*|\bit\(\s*["`][^"`]*)\[([\d ]+)\]/gm;

function titles(folder: string, ending: string): readonly (readonly [string, number])[] {
  const names = readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith(ending));
  return names.flatMap((name) => {
    const text = readFileSync(new URL(folder + name, ROOT), "utf8");
    return [...text.matchAll(TITLE)].flatMap((match) =>
      (match[1] ?? "").split(" ").map((number): [string, number] => [name, Number(number)]),
    );
  });
}

describe("protocol statements", () => {
  const found = [...titles("test/xds/", ".test.ts"), ...titles("test/scenarios/xds/", ".txt")];

  it(`all ${CLAIMED.length} claimed ones have a case`, () => {
    const covered = new Set(found.map(([, number]) => number));
    assert.deepEqual(
      CLAIMED.filter((number) => !covered.has(number)),
      [],
    );
  });

  it("each of the 58 is either claimed or named as not there yet", () => {
    const all = Array.from({ length: 58 }, (_, i) => i + 1);
    assert.deepEqual(
      all.filter((number) => !CLAIMED.includes(number) && NOT_YET[number] === undefined),
      [],
    );
    assert.deepEqual(
      found.filter(([, number]) => !CLAIMED.includes(number)),
      [],
    );
  });
});
