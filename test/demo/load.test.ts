import assert from "node:assert/strict";
import { request } from "node:http";
import { Children } from "../../src/cli/children.ts";
import { arrivals } from "../../src/cli/demo/arrivals.ts";
import { renderClosing } from "../../src/cli/demo/closing-table.ts";
import { Histogram } from "../../src/cli/demo/histogram.ts";
import { renderBlock, renderLine } from "../../src/cli/demo/live-table.ts";
import { PEAK, planRuns, TIERS } from "../../src/cli/demo/plan.ts";
import { toRunResult } from "../../src/cli/demo/results.ts";
import { runLoad, startService } from "../../src/cli/demo/run.ts";

const TIER = { offered: 10, served: 8, shed: 1, late: 1, failed: 0, p50Ms: 20.4, p99Ms: 91 };

describe("the planned load", () => {
  it("is the same for a seed and another for another", () => {
    const plan = (seed: number) =>
      JSON.stringify([...arrivals([{ seconds: 2, rps: 100 }], TIERS, seed)]);
    assert.equal(plan(7), plan(7));
    assert.notEqual(plan(7), plan(8));
  });

  it("is Poisson: 20,000 gaps have the mean 1/rate within 3 % and a variance of its square within 6 %", () => {
    const times = [...arrivals([{ seconds: 200, rps: 100 }], TIERS, 3)].map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // Standard errors for n = 20,000: 0.7 % of the mean, 2 % of the variance.
    assert.ok(Math.abs(mean - 10) < 0.3, `${mean}`);
    assert.ok(Math.abs(variance - 100) < 6, `${variance}`);
  });

  it("gives each tier its share within 2 points and each phase its rate within 5 %", () => {
    const all = [
      ...arrivals(
        [
          { seconds: 50, rps: 100 },
          { seconds: 50, rps: 300 },
        ],
        TIERS,
        11,
      ),
    ];
    const share = (tier: number) =>
      all.filter((arrival) => arrival.tier === tier).length / all.length;
    for (const [index, tier] of TIERS.entries()) {
      assert.ok(Math.abs(share(index) - tier.share) < 0.02);
    }
    assert.ok(Math.abs(all.filter(({ phase }) => phase === 1).length / 15_000 - 1) < 0.05);
  });

  it("scales to the time given: ours rises to 5x, and every variant meets the same 5x for as long", () => {
    const runs = planRuns(60, 400);
    const seconds = runs
      .flatMap(({ phases }) => phases)
      .reduce((sum, phase) => sum + phase.seconds, 0);
    assert.ok(Math.abs(seconds - 60) < 1e-9);
    const peaks = runs.map(({ phases }) => phases.find(({ load }) => load === PEAK));
    assert.deepEqual(
      peaks.map((phase) => [phase?.rps, phase?.seconds]),
      [
        [2000, 9],
        [2000, 9],
        [2000, 9],
      ],
    );
  });
});

describe("demo service and load", () => {
  let children: Children;
  beforeEach(() => {
    children = new Children();
  });
  afterEach(() => children.stop());

  it("serves 800 requests on 8 slots of 20 ms in 2 s: no faster, and late timers do not add up", async () => {
    const { port } = await startService(children, { slots: 8, slotMs: 20 });
    const started = performance.now();
    await Promise.all(Array.from({ length: 800 }, () => get(port)));
    const seconds = (performance.now() - started) / 1000;
    // 800 jobs on 8 slots are 100 rounds of 20 ms.
    // A timer fires about 1 ms late: added up over the rounds that would be 0.1 s, and this machine may be busy.
    assert.ok(seconds >= 1.99 && seconds < 3, `${seconds} s`);
  });

  it("counts every request once: offered = served + shed + late + failed", async () => {
    const { port } = await startService(children, { slots: 2, slotMs: 20 });
    const order = {
      port,
      phases: [{ seconds: 2, rps: 150 }],
      tiers: TIERS,
      seed: 5,
      deadlineMs: 200,
    };

    const { phases } = await runLoad(children, order);

    const total = { offered: 0, ended: 0, late: 0 };
    for (const tier of phases[0] ?? []) {
      total.offered += tier.offered;
      total.ended += tier.served + tier.shed + tier.late + tier.failed;
      total.late += tier.late;
    }
    assert.equal(total.ended, total.offered);
    // 100 a second are served; of 2 s of 150 a second, those queued behind more than 200 ms are late.
    assert.ok(total.offered > 240 && total.late > 20, JSON.stringify(total));
  });
});

function get(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve());
    })
      .on("error", reject)
      .end();
  });
}

describe("demo tables", () => {
  it("finds the 99th percentile of 1..1000 ms within its 5 % bucket", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
    const p99 = histogram.quantile(0.99) ?? 0;
    assert.ok(p99 >= 990 && p99 <= 990 * 1.05, `${p99}`);
    assert.equal(new Histogram().quantile(0.5), undefined);
  });

  it("shows tiers, limit and in flight each second", () => {
    const state = {
      variant: "quantum mesh",
      atSeconds: 3,
      load: 5,
      tierNames: ["critical"],
      tiers: [TIER],
      limit: 17,
      inflight: 23,
    };
    assert.match(
      renderLine(state),
      /^quantum mesh 5x s3 served\/offered: critical 8\/10 limit 17 in flight 23$/,
    );
    assert.match(renderBlock(state).join("\n"), /critical +10 +8 +1 +1 +20 ms +91 ms/);
  });

  it("compares the variants at the peak, and calls a run that was sent 25 ms late void", () => {
    const phases = [{ load: PEAK, seconds: 1 }];
    const done = { kind: "done" as const, phases: [[TIER]], latenessP99Ms: 25, busyRatio: 0.1 };
    const run = toRunResult({ variant: "quantum mesh", phases }, done, {
      tiers: [TIERS[0]!],
      capacity: 10,
    });
    assert.equal(run.phases[0]?.goodputRatio, 0.8);
    const document = {
      service: { slots: 8, slotMs: 20, capacityRps: 10 },
      deadlineMs: 500,
      seed: 1,
      envoyWorkers: 2,
      peak: PEAK,
      runs: [run],
    };
    const text = renderClosing(document).join("\n");
    assert.match(text, /quantum mesh +0\.800 +80\.0 % +20 ms +91 ms/);
    assert.match(text, /VOID quantum mesh: requests were sent 25 ms late \(p99\), above 20 ms/);
  });
});
