import assert from "node:assert/strict";
import { createLog } from "../src/log.ts";

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog("info", { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("log", () => {
  it("writes one JSON line with level, time, fields and a constant message", () => {
    const [line] = logged((log) => log.child({ node: "edge-1" }).warn({ ms: 5 }, "node is late"));

    const { time, ...rest } = line ?? {};
    assert.deepEqual(rest, { level: "warn", node: "edge-1", ms: 5, msg: "node is late" });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("leaves out what is below its level", () => {
    assert.equal(logged((log) => log.debug("x")).length, 0);
  });

  it("never writes a secret", () => {
    const text = JSON.stringify(
      logged((log) => log.info({ token: "s3cret", headers: { authorization: "s3cret" } }, "x")),
    );

    assert.doesNotMatch(text, /s3cret/);
    assert.match(text, /redacted/);
  });
});
