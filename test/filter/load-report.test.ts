import assert from "node:assert/strict";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, scope } from "../support/wasm-host/filter-config.ts";
import type { Stream } from "../support/wasm-host/stream.ts";

const SIXTEEN = { limit: { min: 16, max: 16, initial: 16 } };
/** The gate of the most important tier is the limit itself. */
const CRITICAL = { headers: [["x-criticality", "critical"]] } as const;
const ASKED = { ...SIXTEEN, answer: { status: 429, loadReport: true } };

function answered(envoy: FakeEnvoy, rttMs = 20): Stream {
  const stream = envoy.open(CRITICAL);
  stream.request();
  envoy.clock.advanceMs(rttMs);
  stream.response();
  stream.end();
  return stream;
}

function reportOf(stream: Stream): string | undefined {
  return stream.responseHeaders.find(([name]) => name === "endpoint-load-metrics")?.[1];
}

/** So many requests stay in flight, and 5 more are answered in each of 60 windows of 100 ms. */
function settle(envoy: FakeEnvoy, inflight: number): void {
  for (let i = 0; i < inflight; i++) envoy.open(CRITICAL).request();
  for (let window = 0; window < 60; window++) {
    for (let i = 0; i < 5; i++) answered(envoy);
    envoy.tick(0);
  }
}

describe("load report of the filter", () => {
  it("says 0.500 and 50 a second with 8 of 16 in flight and 5 answers in each 100 ms", () => {
    const envoy = new FakeEnvoy(config(scope(ASKED)));
    settle(envoy, 8);

    const report =
      "TEXT application_utilization=0.500,rps_fractional=50.000,named_metrics.qmesh_tier=1";
    assert.equal(reportOf(answered(envoy)), report);
  });

  it("is on the answer to a request that was shed too, above 1", () => {
    const envoy = new FakeEnvoy(config(scope(ASKED)));
    settle(envoy, 8);
    envoy.overload();
    for (let i = 0; i < 20; i++) envoy.tick();
    const shed = envoy.open();
    assert.equal(shed.request(), false);
    shed.response();

    assert.match(reportOf(shed) ?? "", /^TEXT application_utilization=[1-9]\d*\.\d{3},/);
  });

  it("is on no answer before the first tick, nor to an earlier stream than the one shed last", () => {
    const envoy = new FakeEnvoy(config(scope(ASKED)));
    assert.equal(reportOf(answered(envoy)), undefined);
    envoy.tick();
    envoy.overload();
    const [first, second] = [envoy.open(), envoy.open()];
    first.request();
    second.request();
    first.response();

    assert.equal(reportOf(first), undefined);
  });

  it("is not there where nobody asked, begins and ends with a push, and costs one host call", () => {
    const envoy = new FakeEnvoy(config(scope(SIXTEEN)));
    const callsOfOne = () => {
      envoy.worker.resetCalls();
      const report = reportOf(answered(envoy));
      return { report: report !== undefined, ...envoy.worker.calls };
    };
    settle(envoy, 1);
    const without = callsOfOne();
    envoy.push(config(scope(ASKED)));
    const asked = callsOfOne();
    envoy.push(config(scope(SIXTEEN)));

    assert.deepEqual(asked, { report: true, data: without.data, cheap: without.cheap + 1 });
    assert.deepEqual(callsOfOne(), without);
    assert.equal(without.report, false);
  });
});
