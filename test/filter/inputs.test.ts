import assert from "node:assert/strict";
import { uniform } from "../../src/cli/demo/random.ts";
import { cohortOf, HASH_SEED, hashByte } from "../../src/core/hash.ts";
import { FakeEnvoy } from "../support/wasm-host/fake-envoy.ts";
import { config, type JsonObject, scope } from "../support/wasm-host/filter-config.ts";
import { MetricStore } from "../support/wasm-host/metric-store.ts";
import type { Headers } from "../support/wasm-host/pairs.ts";

const STAMP = "x-qmesh-tier";

/** What goes on to the upstream. */
function stampOf(headers: Headers, fields: JsonObject = {}): string | undefined {
  const envoy = new FakeEnvoy(config(scope(fields)));
  const stream = envoy.open({ headers });
  assert.equal(stream.request(), true);
  return stream.header(STAMP);
}

function cohortFrom(text: string): number {
  const hash = [...Buffer.from(text, "latin1")].slice(-64).reduce(hashByte, HASH_SEED);
  return cohortOf(hash) * 64;
}

describe("filter stamp", () => {
  it("writes tier and cohort, the core's hash of x-request-id, for 2000 ids of 1 to 120 bytes", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const next = uniform(4);
    const seen = new Set<number>();
    for (let i = 0; i < 2000; i++) {
      const size = 1 + Math.floor(next() * 120);
      const bytes = Array.from({ length: size }, () => Math.floor(next() * 256));
      const id = Buffer.from(bytes).toString("latin1");
      const stream = envoy.open({ headers: [["x-request-id", id]] });
      stream.request();
      stream.end();
      assert.equal(stream.header(STAMP), `default;${cohortFrom(id)}`);
      seen.add(cohortFrom(id));
    }
    assert.equal(seen.size, 64);
  });

  it("gives 2000 streams without a request id all of 64 cohorts", () => {
    const envoy = new FakeEnvoy(config(scope()));
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 2000; i++) {
      const stream = envoy.open();
      stream.request();
      stream.end();
      seen.add(stream.header(STAMP));
    }
    assert.equal(seen.size, 64);
  });

  it("believes a stamp with a tier of the scope over the matches, and passes it on as it came", () => {
    const headers: Headers = [["x-criticality", "critical"]];
    for (const stamp of ["critical;0", "critical;9", "critical;17", "critical;63", "default;10"]) {
      assert.equal(stampOf([[STAMP, stamp], ...headers]), stamp);
    }
    const envoy = new FakeEnvoy(config(scope()));
    envoy.overload();
    envoy.open({ headers: [[STAMP, "critical;5"]] }).request();
    envoy.open({ headers: [[STAMP, "default;5"], ...headers] }).request();
    assert.equal(envoy.value("shop.tier.critical.shed"), 1);
    assert.equal(envoy.value("shop.tier.default.shed"), 1);
  });

  it("ignores 22 malformed stamps and those of other tiers, and replaces them", () => {
    const id = ["x-request-id", "abc"] as const;
    const spoilt =
      "critical critical; critical;64 critical;99 critical;100 critical;017 critical;07 critical;00 critical;-1 critical;+1 critical;1a critical;a critical;: critical;1: critical;/ critical;; ;5 ; ;; gold;5 Critical;5 critical;5;6";
    for (const stamp of [...spoilt.split(" "), "", "critical; 5", "critical;\xff"]) {
      const expected = `default;${cohortFrom("abc")}`;
      assert.equal(stampOf([id, [STAMP, stamp]]), expected, JSON.stringify(stamp));
    }
  });

  it("hands the lower cohorts of a tier through where the upper ones are shed", () => {
    const admitted = (cohort: number): boolean => {
      const envoy = new FakeEnvoy(
        config(scope({ limit: { min: 100, max: 1000, initial: 100 } })),
        new MetricStore(),
      );
      envoy.metrics.increment("qmesh.shop.inflight", 120n);
      return envoy.open({ headers: [[STAMP, `default;${cohort}`]] }).request();
    };
    const verdicts = Array.from({ length: 64 }, (_, cohort) => admitted(cohort));
    const firstShed = verdicts.indexOf(false);
    assert.ok(firstShed > 0, `${firstShed}`);
    assert.ok(verdicts.slice(firstShed).every((isAdmitted) => !isAdmitted));
  });

  it("in shadow mode says on the request why it would have been shed, and stamps it all the same", () => {
    const envoy = new FakeEnvoy(config(scope({ mode: "SHADOW" })));
    const free = envoy.open({ headers: [[STAMP, "default;40"]] });
    free.request();
    free.end();
    envoy.overload();
    const full = envoy.open({ headers: [["x-request-id", "abc"]] });

    assert.equal(full.request(), true);
    assert.equal(free.header("x-qmesh-would-shed"), undefined);
    assert.match(full.header("x-qmesh-would-shed") ?? "", /^(limit|level)$/);
    assert.equal(full.header(STAMP), `default;${cohortFrom("abc")}`);
  });
});

describe("filter deadline", () => {
  /** Whether a request is refused where one usually takes 100 ms. */
  function isDoomed(...headers: Headers): boolean {
    const envoy = new FakeEnvoy(config(scope()));
    for (let window = 0; window < 4; window++) {
      for (let i = 0; i < 15; i++) envoy.serve({}, 100);
      envoy.tick();
    }
    assert.equal(envoy.value("shop.baseline_us"), 100_000);
    const isAdmitted = envoy.open({ headers }).request();
    envoy.tick();
    assert.equal(envoy.value("shop.shed.deadline"), isAdmitted ? 0 : 1);
    return !isAdmitted;
  }

  const EXPECTED = "x-envoy-expected-rq-timeout-ms";
  const cases: readonly (readonly [name: string, value: string, isDoomed: boolean])[] = [
    [EXPECTED, "49", true],
    [EXPECTED, "51", false],
    [EXPECTED, "0", false],
    [EXPECTED, "", false],
    [EXPECTED, "1x", false],
    [EXPECTED, "-1", false],
    [EXPECTED, "00000000001", false],
    ["grpc-timeout", "49m", true],
    ["grpc-timeout", "51m", false],
    ["grpc-timeout", "49000u", true],
    ["grpc-timeout", "51000u", false],
    ["grpc-timeout", "49000000n", true],
    ["grpc-timeout", "51000000n", false],
    ["grpc-timeout", "1S", false],
    ["grpc-timeout", "1M", false],
    ["grpc-timeout", "1H", false],
    ["grpc-timeout", "1s", false],
    ["grpc-timeout", "m", false],
    ["grpc-timeout", "1", false],
  ];
  for (const [name, value, doomed] of cases) {
    it(`${doomed ? "refuses" : "admits"} "${name}: ${value}" where a request takes 100 ms`, () => {
      assert.equal(isDoomed([name, value]), doomed);
    });
  }

  it("goes by the smaller of both, and by the other where one is malformed", () => {
    assert.equal(isDoomed([EXPECTED, "40"], ["grpc-timeout", "1S"]), true);
    assert.equal(isDoomed([EXPECTED, "1000"], ["grpc-timeout", "40m"]), true);
    assert.equal(isDoomed([EXPECTED, "x"], ["grpc-timeout", "40m"]), true);
    assert.equal(isDoomed([EXPECTED, "40"], ["grpc-timeout", "40"]), true);
    assert.equal(isDoomed([EXPECTED, "1000"], ["grpc-timeout", "1S"]), false);
  });
});

describe("filter memory", () => {
  const cold = { limit: { min: 1, max: 1000, initial: 4 } };
  const memory = { memory: { limit: 200, baselineMs: 20 } };

  it("starts from the remembered limit of 200, not from the initial 4", () => {
    const envoy = new FakeEnvoy(config(scope({ ...cold, ...memory })));
    const held = Array.from({ length: 150 }, () => envoy.open());
    assert.ok(held.every((stream) => stream.request()));
    envoy.tick();

    assert.equal(envoy.value("shop.baseline_us"), 20_000);
    assert.ok(envoy.value("shop.limit") >= 150, `${envoy.value("shop.limit")}`);
  });

  it("forgets nothing it has learned since for a push that remembers otherwise", () => {
    const envoy = new FakeEnvoy(config(scope(cold)));
    for (let window = 0; window < 5; window++) {
      for (let i = 0; i < 15; i++) envoy.serve({}, 10);
      envoy.tick();
    }
    const before = envoy.value("shop.limit");
    envoy.push(config(scope({ ...cold, ...memory })));
    envoy.tick();

    assert.equal(envoy.value("shop.limit"), before);
    assert.equal(envoy.value("shop.baseline_us"), 10_000);
  });
});
