import assert from "node:assert/strict";
import { parseTrace } from "../../src/audit/trace-file.ts";

const GOOD = {
  atMs: 1_700_000_000_123,
  durationMs: 21,
  cluster: "shop.v1",
  route: "HTTPRoute/shop",
  path: "/pay?x=1",
  headers: { "X-Tenant": "acme" },
  status: 200,
};
const text = (...lines: readonly unknown[]) => lines.map((line) => JSON.stringify(line)).join("\n");

describe("parseTrace", () => {
  it("reads 2 lines, empty ones between and fields it does not know", () => {
    const reading = parseTrace(`${text(GOOD)}\n\n${text({ ...GOOD, bytes: 7 })}\r\n`);

    assert.ok(reading.ok);
    assert.equal(reading.trace.length, 2);
    assert.deepEqual(reading.trace[1], reading.trace[0]);
    assert.deepEqual(reading.trace[0], { ...GOOD, headers: new Map([["x-tenant", "acme"]]) });
  });

  it("reads what Envoy writes: the time as text, null for what is not there", () => {
    const reading = parseTrace(
      text({ ...GOOD, atMs: "1700000000123", cluster: null, headers: { a: null, b: "" } }),
    );

    assert.ok(reading.ok);
    const [request] = reading.trace;
    assert.equal(request!.atMs, GOOD.atMs);
    assert.equal(request!.cluster, "");
    assert.deepEqual(request!.headers, new Map([["b", ""]]));
  });

  for (const [what, line, message] of [
    ["no JSON", "{", /^not a JSON object$/],
    ["no object", "[]", /^not a JSON object$/],
    ["no time", text({ ...GOOD, atMs: undefined }), /^atMs: /],
    ["a time that is none", text({ ...GOOD, atMs: "today" }), /^atMs: /],
    ["a negative duration", text({ ...GOOD, durationMs: -1 }), /^durationMs: /],
    ["a header that is a number", text({ ...GOOD, headers: { a: 1 } }), /^headers\.a: /],
    ["a status that is none", text({ ...GOOD, status: 2000 }), /^status: /],
    ["a time a day later", text({ ...GOOD, atMs: GOOD.atMs + 86_400_001 }), /^atMs: .* 24 hours/],
  ] as const) {
    it(`tells of ${what} in line 3 by one sentence`, () => {
      const reading = parseTrace([text(GOOD), "", line, "{"].join("\n").replace(/\n\{$/, ""));

      assert.ok(!reading.ok);
      assert.equal(reading.line, 3);
      assert.match(reading.message, message);
      assert.doesNotMatch(reading.message, /\n/);
    });
  }
});
