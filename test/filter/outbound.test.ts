import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const OUTBOUND = { role: "OUTBOUND" };
const CRITICAL = { headers: [["x-criticality", "critical"]] } as const;

function report(load: number | string, tier = 1): string {
  return `TEXT application_utilization=${load},rps_fractional=812.250,named_metrics.qmesh_tier=${tier}`;
}

interface Asked {
  readonly text?: string | undefined;
  readonly input?: Parameters<FakeEnvoy["open"]>[0];
  readonly worker?: number;
}

/** One request; the service answers it with that report, if it comes to it. */
function ask(envoy: FakeEnvoy, { text, input, worker = 0 }: Asked): Stream {
  const stream = envoy.open(input, worker);
  const isSent = stream.request();
  if (isSent && text !== undefined) stream.responseHeaders = [["endpoint-load-metrics", text]];
  stream.response();
  stream.end();
  return stream;
}

/**
 * 60 windows of 100 ms with 10 critical and 30 other requests each: the share of the others that went on in the last 30. `says`:
 * what the service reports after a window in which so many came to it.
 */
function settle(envoy: FakeEnvoy, says: (sent: number) => string | undefined): number {
  let text = says(40);
  let last = 0;
  for (let window = 0; window < 60; window++) {
    const asked = Array.from({ length: 40 }, (_, i) =>
      ask(envoy, i % 4 === 0 ? { text, input: CRITICAL } : { text }),
    );
    const sent = asked.filter(({ reply }) => reply === undefined).length;
    if (window >= 30) last += sent - 10;
    text = says(sent);
    envoy.tick();
  }
  return last / 900;
}

/** A service that can serve so many in a window. */
function serving(most: number) {
  return (sent: number) => report((sent / most).toFixed(3));
}

describe("outbound side of the filter", () => {
  it("sends all of 40 requests each 100 ms while the service says 0.9 or nothing, whatever is in flight", () => {
    for (const text of [report("0.900"), undefined]) {
      const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
      envoy.overload();

      assert.equal(
        settle(envoy, () => text),
        1,
      );
      assert.equal(envoy.value("shop.threshold_permille"), 1000);
    }
  });

  for (const [most, share] of [
    [20, 12 / 30],
    [15, 6.5 / 30],
  ] as const) {
    it(`sends ${(share * 30).toFixed(1)} of 30 others and all of 10 critical to a service that serves ${most}: 1.1 times that`, () => {
      const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
      const found = settle(envoy, serving(most));

      assert.ok(Math.abs(found - share) < 0.06, `${found}`);
      assert.equal(envoy.value("shop.tier.critical.shed"), 0);
      assert.equal(envoy.value("shop.shed.level"), envoy.value("shop.tier.default.shed"));
    });
  }

  it("answers as the service would: 429 with x-envoy-ratelimited, and no report of its own", () => {
    const answer = { answer: { status: 429, loadReport: true } };
    const envoy = new FakeEnvoy(config(scope({ ...OUTBOUND, ...answer })));
    settle(envoy, serving(11));
    const refused = Array.from({ length: 200 }, () => ask(envoy, { text: report("9.000") })).find(
      ({ reply }) => reply !== undefined,
    );

    assert.equal(refused?.reply?.status, 429);
    assert.deepEqual(refused?.reply?.headers[0], ["x-envoy-ratelimited", "true"]);
    assert.deepEqual(refused?.responseHeaders, []);
  });

  it("judges in all of 2 workers by what one of them hears", () => {
    const envoy = new FakeEnvoy(config(scope(OUTBOUND)), undefined, 2);
    for (let window = 0; window < 20; window++) {
      for (let i = 0; i < 40; i++) ask(envoy, { text: report("4.000") });
      envoy.tick();
    }
    const shed = Array.from({ length: 200 }, () => ask(envoy, { worker: 1 })).filter(
      ({ reply }) => reply !== undefined,
    );

    assert.ok(shed.length > 50, `${shed.length}`);
  });

  it("reads at most 16 reports a tick, and asks for nothing else of an answer", () => {
    const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
    envoy.tick();
    envoy.worker.resetCalls();
    for (let i = 0; i < 100; i++) ask(envoy, { text: report("0.500") });

    assert.equal(envoy.worker.calls.data, 100 + 16);
    assert.equal(envoy.value("shop.reports"), 16);
  });

  it("hears nothing in 9 texts that are no report", () => {
    for (const text of [
      "",
      "TEXT",
      "TEXT rps_fractional=1",
      "TEXT application_utilization=",
      "TEXT application_utilization=-1",
      "TEXT application_utilization=1e9",
      "TEXT application_utilization=1.2.3",
      "JSON {application_utilization: 9}",
      `TEXT ${"x".repeat(600)},application_utilization=9`,
    ]) {
      const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
      assert.equal(
        settle(envoy, () => text),
        1,
        text,
      );
      assert.equal(envoy.value("shop.reports"), 0, text);
    }
  });

  it("finds a load after names it does not know, and takes one above 100 as 100", () => {
    for (const [text, load] of [
      ["TEXT cpu_utilization=0.1,application_utilization=7", 7000],
      ["TEXT application_utilization=5000.5", 100_000],
    ] as const) {
      const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
      ask(envoy, { text });

      assert.equal(envoy.value("shop.load_permille"), load);
    }
  });

  it("finds a limit again when a push makes the scope a limiting one, and shows none before", () => {
    const envoy = new FakeEnvoy(config(scope(OUTBOUND)));
    settle(envoy, serving(80));
    const before = envoy.value("shop.limit");
    envoy.push(config(scope()));
    settle(envoy, () => undefined);

    assert.equal(before, 0);
    assert.ok(envoy.value("shop.limit") > 0);
  });
});
