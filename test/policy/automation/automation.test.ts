import assert from "node:assert/strict";
import { parseAllDocuments, stringify } from "yaml";
import { formatProblem } from "../../../src/policy/format.ts";
import { parseIntent } from "../../../src/policy/parse.ts";
import type { PolicySet } from "../../../src/policy/policy-set.ts";
import { EngineRig } from "../../decide/engine/engine-rig.ts";
import { Random } from "../../support/fuzz/random.ts";
import {
  adapter,
  alert,
  guardrail,
  identity,
  maintenance,
  override,
  policy,
  rateLimit,
  readKey,
  rollout,
  service,
  shedding,
  slo,
  toText,
  versions,
} from "../documents.ts";
import * as samples from "./sample-sets.ts";

const ORDERS = 1000;
const SEED = Number(process.env.QMESH_SEED ?? Math.floor(performance.timeOrigin) % 2147483647);

function parse(...texts: readonly string[]): PolicySet {
  const files = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
  const parsed = parseIntent(files, readKey);
  assert.ok(parsed.ok, parsed.problems.map(formatProblem).join("\n"));
  return parsed.value;
}

describe("the sets the policy language was made for", () => {
  for (const [name, text] of Object.entries(samples)) {
    it(`load without any problem: ${name}`, () => {
      const { ok, problems } = parseIntent([{ file: "a.yaml", text }], readKey);

      assert.deepEqual([ok, problems.map(formatProblem)], [true, []]);
    });
  }

  it("come to what they say: canary rollback", () => {
    const { slos, rollouts, policies, guardrails } = parse(samples.CANARY);

    assert.deepEqual(slos, [
      {
        name: "checkout-availability",
        owner: "team-pay",
        service: "checkout",
        target: 0.999,
        windowSeconds: 30 * 86_400,
        indicator: { kind: "errors" },
      },
    ]);
    assert.deepEqual(rollouts[0], {
      name: "checkout",
      owner: "team-pay",
      service: "checkout",
      stable: "v41",
      canary: "v42",
      stickyHeader: "x-user-id",
      steps: [
        { kind: "weight", percent: 1, forSeconds: 120 },
        { kind: "weight", percent: 5, forSeconds: 300 },
        { kind: "weight", percent: 20, forSeconds: 600 },
        { kind: "hold", role: "sre" },
        { kind: "weight", percent: 50, forSeconds: 600 },
        { kind: "weight", percent: 100, forSeconds: 0 },
      ],
      judge: {
        worse: {
          alpha: 0.01,
          relativeRisk: 1.1,
          absolute: 0.0005,
          errors: true,
          slowQuantiles: [0.9, 0.95, 0.99],
        },
        safe: { beta: 0.05, relativeRisk: 1.25, minRequests: 2000, minErrors: 5, orSeconds: 600 },
        sampleRatioAlpha: 0.001,
      },
      onWorse: { action: "rollback", drainSeconds: 30, lockSeconds: 3600 },
      // biome-ignore lint/suspicious/noThenProperty: the word of the language
      deadline: { afterSeconds: 5400, then: "hold" },
    });
    assert.deepEqual(policies[0]?.then, [
      { kind: "rollback", rollout: "checkout" },
      { kind: "notify", severity: "page", to: "team-pay" },
    ]);
    assert.deepEqual(policies[0]?.when.reads, [
      "age:requests",
      "burn:checkout-availability",
      "evidence:checkout",
    ]);
    assert.deepEqual(
      guardrails[0]?.forbid.map(({ reads }) => reads),
      [["approved:sre"], [], []],
    );
  });

  it("come to what they say: backpressure falls to the lowest rate of the bounds, tier by tier", () => {
    const { policies, adapters } = parse(samples.BACKPRESSURE);

    assert.deepEqual(policies[0]?.then, [
      { kind: "rateLimit", name: "invoke", rate: { requests: 40, perMs: 1000 }, tiers: ["normal"] },
      {
        kind: "rateLimit",
        name: "invoke",
        rate: { requests: 40, perMs: 1000 },
        tiers: ["critical"],
      },
    ]);
    assert.deepEqual(policies[0]?.guard, {
      minIntervalSeconds: 60,
      budgetPerHour: 5,
      floor: {},
      exempt: [],
    });
    assert.deepEqual(adapters, [
      {
        kind: "signals",
        name: "queue-and-database",
        owner: "team-events",
        secretFile: "/intent/key",
        signals: [
          { name: "db.latency.p95", maxAgeSeconds: 30 },
          { name: "queue.depth.growth", maxAgeSeconds: 60 },
        ],
      },
    ]);
  });

  it("come to what they say: containment", () => {
    const [quarantine] = parse(samples.CONTAINMENT).policies;

    assert.deepEqual(quarantine?.scope, { labels: {} });
    assert.deepEqual(quarantine?.then, [
      {
        kind: "deny",
        principal: "$signal.sub",
        cidr: "$signal.cidr",
        claim: { name: "jti", value: "$signal.jti" },
      },
    ]);
    assert.equal(quarantine?.verify?.watch?.text, "(good.requests.denied.share < 0.01)");
    assert.deepEqual(quarantine?.revert, { onHarm: true, ttlSeconds: 7200 });
  });

  it("come to what they say: cost", () => {
    const { policies, overrides, maintenances, guardrails } = parse(samples.COST);

    assert.deepEqual(policies[0]?.scope, { labels: { env: "staging" } });
    assert.deepEqual(overrides, [
      {
        name: "release-42",
        by: "alice",
        approvedBy: ["bob"],
        scope: { tier: "best-effort", labels: { job: "release-42" } },
        breakGlass: false,
        set: { "rateLimit.ci-jobs.factor": 1 },
        ttlSeconds: 10_800,
        reason: "hotfix tests, ticket 881",
      },
    ]);
    assert.deepEqual(maintenances[0]?.window, {
      kind: "cron",
      cron: "0 2 * * 0",
      zone: "UTC",
      forSeconds: 7200,
    });
    assert.deepEqual(guardrails[0]?.forbid[0]?.reads, ["cost:staging"]);
  });
});

describe("automation in a set", () => {
  it("has no field without documents, only empty lists", () => {
    const set = parse(toText([service()]));

    assert.deepEqual(
      [
        set.slos,
        set.burnAlerts,
        set.policies,
        set.rollouts,
        set.guardrails,
        set.overrides,
        set.maintenances,
        set.adapters,
        set.identities,
      ],
      [[], [], [], [], [], [], [], [], []],
    );
  });

  it("makes one burn alert of each pair of an SLO and an AlertPolicy, 3 of 2 and 2", () => {
    const { burnAlerts } = parse(
      toText([
        slo({ alertPolicies: ["fast", { alertPolicyRef: "slow" }] }),
        slo({ alertPolicies: ["fast"] }, "b"),
        ...alert({ alertAfter: "10m" }),
        ...alert({ threshold: 1, lookbackWindow: "3d" }, "slow"),
        service(),
      ]),
    );

    assert.deepEqual(burnAlerts, [
      {
        name: "availability.fast",
        slo: "availability",
        severity: "page",
        burn: 14.4,
        lookbackSeconds: 3600,
        afterSeconds: 600,
        targets: ["team-shop"],
      },
      {
        name: "availability.slow",
        slo: "availability",
        severity: "page",
        burn: 1,
        lookbackSeconds: 259_200,
        afterSeconds: 0,
        targets: ["team-shop"],
      },
      {
        name: "b.fast",
        slo: "b",
        severity: "page",
        burn: 14.4,
        lookbackSeconds: 3600,
        afterSeconds: 600,
        targets: ["team-shop"],
      },
    ]);
  });

  it("reads objectives in percent, in slices of time, of latency and of a server's queries", () => {
    const source = (spec: object) => ({ metricSource: { type: "prometheus", spec } });
    const ratio = (good: object, total: object) => ({
      indicator: { spec: { ratioMetric: { counter: true, good, total } } },
    });
    const mesh = (count: string) => ({ metricSource: { type: "mesh", spec: { count } } });
    const { slos } = parse(
      toText([
        slo({ objectives: [{ targetPercent: 99.9 }] }, "a"),
        slo(
          {
            budgetingMethod: "Timeslices",
            objectives: [{ target: 0.95, timeSliceTarget: 0.9, timeSliceWindow: "1m" }],
            ...ratio(mesh("duration < 300ms"), mesh("true")),
          },
          "b",
        ),
        slo(ratio(source({ query: "good" }), source({ query: "all" })), "c"),
        adapter(
          { type: "prometheus", secretFile: undefined, signals: undefined, url: "http://p" },
          "p",
        ),
        service(),
      ]),
    );

    assert.equal(slos[0]?.target, 0.999);
    assert.deepEqual(slos[1]?.timeslice, { seconds: 60, target: 0.9 });
    assert.deepEqual(
      slos.map(({ indicator }) => indicator),
      [
        { kind: "errors" },
        { kind: "latency", thresholdMs: 300 },
        { kind: "prometheus", adapter: "p", good: "good", total: "all" },
      ],
    );
  });

  it("reads each of the 13 actions", () => {
    const acts = [
      { weights: { service: "shop", weights: { v1: 90, v2: 10 } } },
      { shift: { service: "shop", from: "eu/a", max: "30%" } },
      { shed: { shedding: "shop", max: 50, tiers: { all: "80%" } } },
      { rateLimit: { name: "shop", rate: "5/s" } },
      { outlier: { service: "shop", consecutive5xx: 3, baseEjection: "1m", maxEjected: "50%" } },
      { circuitBreaker: { service: "shop", maxPending: 10 } },
      { timeout: { service: "shop", timeout: "500ms" } },
      { retries: { service: "shop", budget: "10%" } },
      { deny: { service: "shop", header: { name: "X-Bot", value: "1" } } },
      { mirror: { service: "shop", to: "copy", share: "1%" } },
      {
        fault: {
          service: "shop",
          abort: { status: 503, share: "1%" },
          delay: { time: "2s", share: "5%" },
        },
      },
      { rollback: { rollout: "shop" } },
      { notify: { ticket: "team" } },
    ];
    const { policies } = parse(
      toText([
        policy({ acts }),
        versions({
          versions: Object.fromEntries(
            ["v1", "v2"].map((name) => [
              name,
              { endpoints: [{ address: "127.0.0.1:9001", locality: { region: "eu", zone: "a" } }] },
            ]),
          ),
        }),
        service({}, "copy"),
        rollout(),
        shedding(),
        rateLimit(),
        adapter(),
      ]),
    );

    assert.deepEqual(policies[0]?.then, [
      { kind: "weights", service: "shop", weights: { v1: 90, v2: 10 } },
      {
        kind: "shift",
        service: "shop",
        from: "eu/a",
        maxRatio: 0.3,
        stepRatio: 0.25,
        everySeconds: 30,
      },
      { kind: "shed", shedding: "shop", max: 50, tiers: { all: 0.8 } },
      { kind: "rateLimit", name: "shop", rate: { requests: 5, perMs: 1000 }, tiers: [] },
      {
        kind: "outlier",
        service: "shop",
        consecutive5xx: 3,
        baseEjectionSeconds: 60,
        maxEjectedRatio: 0.5,
      },
      { kind: "circuitBreaker", service: "shop", maxPending: 10 },
      { kind: "timeout", service: "shop", timeoutMs: 500 },
      { kind: "retries", service: "shop", budgetRatio: 0.1 },
      { kind: "deny", service: "shop", header: { name: "x-bot", value: "1" } },
      { kind: "mirror", service: "shop", to: "copy", ratio: 0.01 },
      {
        kind: "fault",
        service: "shop",
        abort: { status: 503, ratio: 0.01 },
        delay: { ms: 2000, ratio: 0.05 },
      },
      { kind: "rollback", rollout: "shop" },
      { kind: "notify", severity: "ticket", to: "team" },
    ]);
  });

  it("is shadow, probabilistic and bounded where nothing else is written", () => {
    const [only] = parse(
      toText([policy({ mode: undefined }), service(), rateLimit(), adapter()]),
    ).policies;

    assert.deepEqual(
      [only?.mode, only?.method, only?.confidence, only?.guard, only?.revert],
      [
        "shadow",
        "probabilistic",
        0.95,
        { minIntervalSeconds: 60, budgetPerHour: 4, floor: {}, exempt: [] },
        { onHarm: true, ttlSeconds: 1800 },
      ],
    );
  });

  it("keeps the public keys of an Identity in one order, from the document or from a file", () => {
    const key = { y: "eQ", x: "eA", kty: "EC", crv: "P-256", kid: "1" };
    const { identities } = parse(toText([identity({ jwks: { inline: { keys: [key] } } })]));

    assert.equal(
      identities[0]?.jwks,
      '{"keys":[{"crv":"P-256","kid":"1","kty":"EC","x":"eA","y":"eQ"}]}',
    );
    assert.deepEqual(identities, parse(toText([identity()])).identities);
  });

  it("reads a window once and again and again", () => {
    const when = { from: "2026-05-01T02:00:00Z", to: "2026-05-01T04:30:00+02:00" };
    const { maintenances } = parse(toText([maintenance({ when })]));

    assert.deepEqual(maintenances[0]?.window, {
      kind: "once",
      fromMs: Date.UTC(2026, 4, 1, 2),
      toMs: Date.UTC(2026, 4, 1, 2, 30),
    });
  });
});

/** What the engine makes of a set in its first 2 seconds, as text. */
function decided(set: PolicySet): string {
  const rig = new EngineRig(set).run(2, { versions: { v1: [50, 40], v2: [50, 45] } });
  return JSON.stringify([rig.records, rig.actions, rig.state]);
}

describe("the digest of automation", () => {
  const world = [
    versions(),
    rateLimit(),
    shedding(),
    adapter(),
    slo({ alertPolicies: ["fast"] }),
    ...alert(),
    rollout(),
    policy({}, { name: "a" }),
    policy({}, { name: "b" }),
    guardrail(["canary.weight > 50 && !approved('sre')"]),
    override({ set: { "policy.a.mode": "off" } }),
    maintenance(),
    identity(),
  ];

  it(`is the same, as are the decisions, in ${ORDERS} orders of ${world.length} documents in 2 files (seed ${SEED})`, function () {
    this.timeout(90_000);
    const expected = parse(toText(world));
    const decisions = decided(expected);
    assert.ok(decisions.includes('"override"'));
    const random = new Random(SEED);
    for (let order = 0; order < ORDERS; order++) {
      const shuffled = [...world];
      for (let end = shuffled.length - 1; end > 0; end--) {
        const other = random.below(end + 1);
        [shuffled[end], shuffled[other]] = [shuffled[other]!, shuffled[end]!];
      }
      const cut = random.below(shuffled.length + 1);

      const found = parse(toText(shuffled.slice(0, cut)), toText(shuffled.slice(cut)));
      assert.equal(found.digest, expected.digest);
      assert.equal(decided(found), decisions);
    }
  });

  it("differs for one number, in each of 9 kinds", () => {
    const turned: readonly [string, unknown][] = [
      ["SLO", slo({ alertPolicies: ["fast"], objectives: [{ target: 0.99 }] })],
      ["AlertCondition", alert({ threshold: 5 })[1]],
      ["Rollout", rollout({ deadline: { after: "1h" } })],
      ["Policy", policy({ confidence: 0.9 }, { name: "a" })],
      ["Guardrail", guardrail(["canary.weight > 60 && !approved('sre')"])],
      ["Override", override({ set: { "policy.a.mode": "off" }, ttl: "2h" })],
      ["Maintenance", maintenance({ sloExclude: true })],
      ["Adapter", adapter({ signals: [{ name: "queue.depth", maxAge: "9s" }] })],
      ["Identity", identity({ audiences: ["other"] })],
    ];
    const kindOf = (document: unknown) => (document as { kind: string }).kind;
    const digests = turned.map(([kind, document]) => {
      const place = world.findIndex((each) => kindOf(each) === kind);
      return parse(toText(world.with(place, document as never))).digest;
    });

    assert.equal(new Set([parse(toText(world)).digest, ...digests]).size, 10);
  });

  it("does not depend on how the samples are written", () => {
    for (const text of Object.values(samples)) {
      const documents = parseAllDocuments(text).map((document) => document.toJS());
      const turned = documents.toReversed().map((document) => stringify(document));

      assert.equal(parse(...turned).digest, parse(text).digest);
    }
  });
});
