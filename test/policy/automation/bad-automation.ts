/** Documents of automation with something wrong, one idea each, and every line an operator then reads. */
import type { BadCase } from "../bad-values.ts";
import {
  adapter,
  alert,
  gateway,
  guardrail,
  identity,
  maintenance,
  override,
  policy,
  rateLimit,
  rollout,
  route,
  service,
  shedding,
  slo,
  toText,
  versions,
} from "../documents.ts";

/** An objective whose good and total name a tier each. */
function tiered(good: string, total: string, name: string) {
  const source = (count: string, tier: string) => ({
    metricSource: { type: "mesh", spec: { count, tier } },
  });
  const ratioMetric = {
    counter: true,
    good: source("code < 500", good),
    total: source("true", total),
  };
  return slo({ indicator: { spec: { ratioMetric } } }, name);
}

/** A Policy and what it is about: lines 1, 3, 5, 7. */
const world = (...documents: readonly unknown[]) =>
  toText([...documents, service(), rateLimit(), adapter()]);

export const badConditions: readonly BadCase[] = [
  {
    name: "texts that are no condition",
    text: world(
      policy({ when: "rate(" }, { name: "a" }),
      policy({ when: 'rate("queue.depth","1m")' }, { name: "b" }),
      policy({ when: 'rate("queue.depth") > 1.0' }, { name: "c" }),
      policy({ when: "depth > 1.0 && rat('queue.depth','1m') > 1.0" }, { name: "d" }),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.when: unexpected token: EOF at character 6 [QM0027]",
      "a.yaml:3 Policy/b spec.when: answers with double, not with true or false [QM0027]",
      "a.yaml:5 Policy/c spec.when: found no matching overload for 'rate(string)' at character 1 [QM0027]",
      "a.yaml:7 Policy/d spec.when: depth is no value by itself [QM0027]",
      "a.yaml:7 Policy/d spec.when: rat() is not a function of conditions; did you mean rate? [QM0027]",
    ],
  },
  {
    name: "what CEL has and conditions have not",
    text: world(
      policy({ when: '"a".matches("(a+)+$")' }, { name: "a" }),
      policy({ when: 're2("a", "(a")' }, { name: "b" }),
      policy({ when: '{"a": true}["a"] && size("a") > 0 && null == null' }, { name: "c" }),
      policy({ when: "[1, 2].map(x, x * 2).exists(x, x > 3)" }, { name: "d" }),
      policy({ when: "[1].all(a, [1].all(b, [1].all(c, a + b + c == 3)))" }, { name: "e" }),
      policy({ when: "[1].all(a, [1].all(a, a == 1))" }, { name: "f" }),
      policy({ when: "[1].all(signal, signal > 0)" }, { name: "h" }),
      policy({ when: "9223372036854775808 > 0" }, { name: "i" }),
      policy({ when: "[true].all(a, a) && [true] + [true] == [true]" }, { name: "g" }),
    ),
    lines: [
      'a.yaml:1 Policy/a spec.when: "a".matches("(a+)+$"): .matches() is not taken here; write re2(TEXT, EXPRESSION) [QM0027]',
      'a.yaml:3 Policy/b spec.when: re2("a", "(a"): "(a" does not compile: unterminated group [QM0027]',
      "a.yaml:5 Policy/c spec.when: null is of a type that is not taken here [QM0027]",
      "a.yaml:5 Policy/c spec.when: size() is not a function of conditions [QM0027]",
      'a.yaml:5 Policy/c spec.when: {"a": true}["a"]: [] is not taken here [QM0027]',
      "a.yaml:7 Policy/d spec.when: [1, 2].map(x, x * 2).exists(x, x > 3): exists() is for a list written out [QM0027]",
      "a.yaml:9 Policy/e spec.when: [1].all(c, a + b + c == 3): loops nest deeper than 2 [QM0027]",
      "a.yaml:11 Policy/f spec.when: [1].all(a, a == 1): a already means something; take another name [QM0027]",
      "a.yaml:13 Policy/h spec.when: [1].all(signal, signal > 0): signal already means something; take another name [QM0027]",
      "a.yaml:15 Policy/i spec.when: 9223372036854775808 is above 9223372036854775807, the highest whole number [QM0027]",
      "a.yaml:17 Policy/g spec.when: [true] + [true]: lists are not added; write one list [QM0027]",
    ],
  },
  {
    name: "arguments that are not written out or are out of range",
    text: world(
      policy({ when: '["1m"].all(w, rate("queue.depth", w) > 1.0)' }, { name: "a" }),
      policy({ when: 'rate("queue.depth", "500ms") > 1.0' }, { name: "b" }),
      policy({ when: 'forecast("queue.depth", "soon", 1.5) > 1.0' }, { name: "c" }),
      policy({ when: 'evidence("shop", "better") > 1.0' }, { name: "d" }),
      policy({ when: 'age("queue.depth") > duration("1.5h")' }, { name: "e" }),
      policy({ when: 're2("a", "a" + "b")' }, { name: "f" }),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.when: rate(): w is not written out as a text in quotes [QM0027]",
      'a.yaml:3 Policy/b spec.when: rate(): "500ms" is not a window such as 30s, 5m or 1h [QM0027]',
      'a.yaml:5 Policy/c spec.when: forecast(): "soon" is not a window such as 30s, 5m, 1h or eod [QM0027]',
      "a.yaml:5 Policy/c spec.when: forecast(): 1.5 is not a number between 0.0 and 1.0 [QM0027]",
      'a.yaml:7 Policy/d spec.when: evidence(): "better" is not "worse" or "safe" [QM0027]',
      'a.yaml:9 Policy/e spec.when: duration("1.5h") is not a duration written out, such as duration("30s") [QM0027]',
      'a.yaml:11 Policy/f spec.when: re2("a", "a" + "b"): the expression of re2() is written out as a text in quotes [QM0027]',
    ],
  },
  {
    name: "variables outside the place they are known in",
    text: world(
      policy({ when: 'canary.weight > 50 && approved("sre") && canary' }),
      guardrail(["good.requests.denied.share > 0.1", 'signal.sub == "x"']),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.when: canary is no value by itself [QM0027]",
      "a.yaml:3 Guardrail/never spec.forbid[0]: good.requests.denied.share is known only in `verify.watch` [QM0027]",
      "a.yaml:3 Guardrail/never spec.forbid[1]: signal.sub is known only in `approval.onlyIf` and `verify.watch` [QM0027]",
    ],
  },
  {
    name: "conditions beyond their bounds",
    text: world(
      policy({ when: `1 == 1${" && 1 == 1".repeat(100)}` }, { name: "a" }),
      policy({ when: `${"(".repeat(30)}1 == 1${")".repeat(30)}` }, { name: "b" }),
      policy({ when: `"${"x".repeat(5000)}" == ""` }, { name: "c" }),
      policy(
        {
          when: `${list(64)}.all(a, ${list(64)}.all(b, share(a) + share(b) + share(a) > 0.1))`,
        },
        { name: "d" },
      ),
      policy({ when: `1 in [${"1,".repeat(64)}1]` }, { name: "e" }),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.when: exceeded maxAstNodes (256) at character 646 [QM0028]",
      "a.yaml:3 Policy/b spec.when: exceeded maxDepth (24) at character 25 [QM0028]",
      "a.yaml:5 Policy/c spec.when: length 5008 is above 4096 [QM0028]",
      "a.yaml:7 Policy/d spec.when: takes 45185 steps to evaluate, above 2000 [QM0028]",
      "a.yaml:9 Policy/e spec.when: exceeded maxListElements (64) at character 135 [QM0028]",
    ],
  },
  {
    name: "conditions that never hold or always do, and parts of some",
    text: toText([
      policy({ when: "1 > 2" }, { name: "a" }),
      policy({ when: 'burn("availability", "1h") > 1001.0' }, { name: "b" }),
      policy({ when: 'pAbove("queue.depth", 5.0, "1m") > 1.0' }, { name: "c" }),
      policy(
        { when: 'age("queue.depth") >= duration("0s") && rate("queue.depth", "1m") > 1.0' },
        { name: "d" },
      ),
      guardrail(["canary.weight > 100", "!false"]),
      slo(),
      service(),
      rateLimit(),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 Policy/a spec.when: never holds [QM0224]",
      'a.yaml:3 Policy/b spec.when: never holds, since burn("availability", "1h") goes from 0 to 1000 [QM0224]',
      'a.yaml:5 Policy/c spec.when: never holds, since pAbove("queue.depth", 5.0, "1m") goes from 0 to 1 [QM0224]',
      'a.yaml:7 Policy/d spec.when: age("queue.depth") >= duration("0s") always holds, since age("queue.depth") is never below 0s [QM0907]',
      "a.yaml:9 Guardrail/never spec.forbid[0]: never holds, since canary.weight goes from 0 to 100 [QM0224]",
      "a.yaml:9 Guardrail/never spec.forbid[1]: always holds [QM0224]",
    ],
  },
  {
    name: "names that nobody has",
    text: world(
      policy(
        { when: 'burn("availabilty", "1h") > 2.0 && age("queue.dept") > duration("1m")' },
        { name: "a" },
      ),
      policy({ when: 'cost("staging", "1h") > 2.0' }, { name: "b" }),
      policy({ when: 'evidence("shop", "worse") > 20.0' }, { name: "c" }),
      policy({ when: 'anomaly("requests") > 0.5' }, { name: "d" }),
      policy({ when: 'quantile("shp", 0.99, "5m") > duration("1s")' }, { name: "e" }),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.when: there is no SLO availabilty [QM0217]",
      "a.yaml:1 Policy/a spec.when: no Adapter brings a signal queue.dept; did you mean queue.depth? [QM0218]",
      "a.yaml:3 Policy/b spec.when: no Adapter brings a signal cost.staging [QM0218]",
      "a.yaml:5 Policy/c spec.when: there is no Rollout shop [QM0217]",
      "a.yaml:7 Policy/d spec.when: anomaly() does not know requests, which is for rate() and age() [QM0218]",
      "a.yaml:9 Policy/e spec.when: there is no Service shp; did you mean shop? [QM0217]",
    ],
  },
];

function list(length: number): string {
  return `[${Array.from({ length }, (_, index) => `"t${index}"`).join(",")}]`;
}

export const badPolicies: readonly BadCase[] = [
  {
    name: "a Policy without anything, and one without owner and class",
    text: toText([
      policy({
        mode: undefined,
        when: undefined,
        acts: null,
        verify: undefined,
        revert: undefined,
      }),
      { ...policy(), metadata: { name: "b" } },
      service(),
      rateLimit(),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 Policy/calm spec.then: missing; a Policy does something [QM0007]",
      "a.yaml:1 Policy/calm spec.when: missing; a Policy has a condition [QM0007]",
      "a.yaml:3 Policy/b metadata.class: missing; one of safety, security, reliability, cost, experiment [QM0007]",
      "a.yaml:3 Policy/b metadata.owner: missing; a Policy says who owns it [QM0117]",
    ],
  },
  {
    name: "a Policy that acts without verify, revert, or an end for whom it denies",
    text: world(
      policy({ verify: undefined, revert: undefined }, { name: "a" }),
      policy(
        { acts: [{ deny: { cidr: "10.0.0.0/8" } }], revert: { onHarm: "immediate" } },
        { name: "b" },
      ),
      policy({ mode: "canary", canary: { nodes: "0%", for: "1m" } }, { name: "c" }),
      policy({ mode: "canary" }, { name: "d" }),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.revert: missing; what acts says when it is undone [QM0125]",
      "a.yaml:1 Policy/a spec.verify: missing; what acts says what must improve [QM0124]",
      "a.yaml:3 Policy/b spec.revert.ttl: missing; who is denied is let in again by itself [QM0126]",
      "a.yaml:5 Policy/c spec.canary.nodes: 0% of the Envoys is none [QM0005]",
      "a.yaml:7 Policy/d spec.canary: missing; mode canary needs nodes and for [QM0007]",
    ],
  },
  {
    name: "actions at fault",
    text: world(
      policy({
        acts: [
          {},
          { rateLimit: { name: "shop", factor: 0.5, rate: "5/s" }, notify: { page: "a" } },
          { rateLimit: { name: "shop", factor: 0.5, rate: "5/s" } },
          { deny: { service: "shop" } },
          { deny: { cidr: "10.0.0.0", principal: "$sub" } },
          { deny: { jti: "$signal.jti", claim: { name: "sub", value: "$signal.sub" } } },
          { deny: { cidr: "10.0.0.0/8", any: [{ jti: "t-13" }] } },
          { deny: { any: [{ cidr: "10.0.0.0/8" }, {}] } },
          { shed: { shedding: "shop" } },
          { outlier: { service: "shop" } },
          { fault: { service: "shop" } },
          { notify: { page: "a", ticket: "b" } },
        ],
      }),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.then[0]: is empty; write one of rollback, weights, shift, shed, rateLimit, outlier, circuitBreaker, timeout, retries, deny, mirror, fault, notify, run [QM0115]",
      "a.yaml:1 Policy/calm spec.then[10].fault: injects nothing; write abort or delay [QM0115]",
      "a.yaml:1 Policy/calm spec.then[11].notify: tells nobody, or two; write page or ticket [QM0115]",
      "a.yaml:1 Policy/calm spec.then[1]: rateLimit and notify are both there; each is an entry of its own [QM0115]",
      "a.yaml:1 Policy/calm spec.then[1].rateLimit: factor and rate are both there; keep one [QM0115]",
      "a.yaml:1 Policy/calm spec.then[2]: does no more than then[1], tried before it [QM0225]",
      "a.yaml:1 Policy/calm spec.then[2].rateLimit: factor and rate are both there; keep one [QM0115]",
      "a.yaml:1 Policy/calm spec.then[3].deny: denies everybody; write principal, cidr, header, claim or jti [QM0115]",
      'a.yaml:1 Policy/calm spec.then[4].deny.cidr: "10.0.0.0" is not an address range such as 10.1.2.0/24, nor $signal.NAME [QM0020]',
      'a.yaml:1 Policy/calm spec.then[4].deny.principal: "$sub" is not of the form $signal.NAME [QM0012]',
      "a.yaml:1 Policy/calm spec.then[5].deny: claim and jti are both there; keep one [QM0115]",
      "a.yaml:1 Policy/calm spec.then[5].deny: no Identity says whose tokens are believed, so no claim is known [QM0217]",
      "a.yaml:1 Policy/calm spec.then[6].deny: any and the fields of one are both there; keep one [QM0115]",
      "a.yaml:1 Policy/calm spec.then[6].deny: no Identity says whose tokens are believed, so no claim is known [QM0217]",
      "a.yaml:1 Policy/calm spec.then[7].deny: denies everybody; write principal, cidr, header, claim or jti [QM0115]",
      "a.yaml:1 Policy/calm spec.then[8].shed: moves nothing; write max or tiers [QM0115]",
      "a.yaml:1 Policy/calm spec.then[8].shed.shedding: there is no Shedding shop [QM0217]",
      "a.yaml:1 Policy/calm spec.then[9].outlier: moves nothing; write one of its fields beside service [QM0115]",
    ],
  },
  {
    name: "a denial by certificate, where a gateway and plaintext show none",
    text: world(
      policy({
        acts: [
          { deny: { service: "shop", principal: "spiffe://shop.example/sidecar/front" } },
          { deny: { any: [{ principal: "$signal.sub" }, { cidr: "10.1.2.0/24" }] } },
        ],
      }),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.then[0].deny: Service shop has no tls, so no caller shows a certificate and nobody is denied by it; a gateway asks no client for one [QM0913]",
      "a.yaml:1 Policy/calm spec.then[1].deny: no Service has tls, so no caller shows a certificate and nobody is denied by it; a gateway asks no client for one [QM0913]",
    ],
  },
  {
    name: "what is not supported yet, by name",
    text: world(
      policy({
        control: { law: "aimd" },
        evidence: { retain: "400d" },
        guard: { queueAgeMax: { critical: "60s" } },
        revert: { ttl: "12h", at: "00:00" },
        acts: [
          { flag: { key: "a" } },
          { route: { to: "spot" } },
          { rateLimit: { name: "shop", factor: 0.5, principal: "$signal.sub" } },
        ],
      }),
      guardrail(["canary.weight > 50"], { onDataMissing: { assume: "forecast", for: "6h" } }),
      { apiVersion: "openslo/v1", kind: "SLI", metadata: { name: "a" }, spec: {} },
      adapter({ type: "flags", secretFile: undefined, signals: undefined }, "flags"),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.control: closed-loop laws (`control`) are not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.evidence.retain: capture of evidence is not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.guard.queueAgeMax: bounds on the age of a queue are not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.revert.at: times of day in `revert` are not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.then[0].flag: feature flags are not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.then[1].route: sending tiers elsewhere is not supported yet [QM0011]",
      "a.yaml:1 Policy/calm spec.then[2].rateLimit.principal: limits of one principal are not supported yet [QM0011]",
      "a.yaml:3 Guardrail/never spec.onDataMissing.assume: forecasts in place of missing data are not supported yet [QM0011]",
      "a.yaml:3 Guardrail/never spec.onDataMissing.for: forecasts in place of missing data are not supported yet [QM0011]",
      "a.yaml:5 SLI/a kind: documents of kind SLI are not supported yet [QM0010]",
      "a.yaml:7 Adapter/flags spec.type: feature flags are not supported yet [QM0011]",
    ],
  },
  {
    name: "names in actions, scopes and guards that nobody has",
    text: world(
      policy({
        scope: { service: "shp", rateLimit: "x", tier: "gold" },
        guard: { floor: { silver: 0.5 } },
        acts: [
          { rollback: { rollout: "shop" } },
          { weights: { service: "shop", weights: { v9: 1 } } },
          { shed: { shedding: "shop", max: 10 } },
          { rateLimit: { name: "shp", factor: 0.5, tiers: ["bronze"] } },
          { mirror: { service: "shop", to: "shadow", share: "1%" } },
          { timeout: { service: "nobody", timeout: "1s" } },
        ],
        verify: {
          signal: "nobody",
          improve: { below: { burn: 1 } },
          sustained: "1m",
          within: "2m",
        },
      }),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.guard.floor.silver: no Shedding has a tier silver; tiers: none [QM0217]",
      "a.yaml:1 Policy/calm spec.scope.rateLimit: there is no RateLimit x [QM0217]",
      "a.yaml:1 Policy/calm spec.scope.service: there is no Service shp; did you mean shop? [QM0217]",
      "a.yaml:1 Policy/calm spec.scope.tier: no Shedding has a tier gold; tiers: none [QM0217]",
      "a.yaml:1 Policy/calm spec.then[0].rollback.rollout: there is no Rollout shop [QM0217]",
      "a.yaml:1 Policy/calm spec.then[1].weights.weights.v9: Service shop has no version v9; versions: v1 [QM0217]",
      "a.yaml:1 Policy/calm spec.then[2].shed.shedding: there is no Shedding shop [QM0217]",
      "a.yaml:1 Policy/calm spec.then[3].rateLimit.name: there is no RateLimit shp; did you mean shop? [QM0217]",
      "a.yaml:1 Policy/calm spec.then[3].rateLimit.tiers[0]: no Shedding has a tier bronze; tiers: none [QM0217]",
      "a.yaml:1 Policy/calm spec.then[4].mirror.to: there is no Service shadow [QM0217]",
      "a.yaml:1 Policy/calm spec.then[5].timeout.service: there is no Service nobody [QM0217]",
      "a.yaml:1 Policy/calm spec.verify.signal: burn is of an SLO, and there is no SLO nobody [QM0217]",
    ],
  },
  {
    name: "a verification that cannot succeed",
    text: world(
      policy(
        { verify: { signal: "queue.depth", improve: {}, sustained: "10m", within: "5m" } },
        { name: "a" },
      ),
      policy({ revert: { ttl: "30s", onNoEffect: "40s" } }, { name: "b" }),
      policy(
        {
          verify: {
            signal: "queue.depth",
            improve: { below: 5 },
            sustained: "1m",
            within: "5m",
            watch: { denied: "good.requests.denied.share < 2.0" },
          },
          approval: { need: 1, from: ["sre"], within: "5m", onlyIf: "affected.share >= 0.0" },
        },
        { name: "c" },
      ),
    ),
    lines: [
      "a.yaml:1 Policy/a spec.verify.improve: is not one of below and relative [QM0115]",
      "a.yaml:1 Policy/a spec.verify.sustained: 10m is longer than within, 5m, so it cannot succeed [QM0127]",
      "a.yaml:3 Policy/b spec.revert.onNoEffect: 40s is before an improvement is sustained, 1m [QM0127]",
      "a.yaml:3 Policy/b spec.revert.ttl: 30s is before an improvement is sustained, 1m [QM0127]",
      "a.yaml:5 Policy/c spec.approval.onlyIf: always holds, since affected.share goes from 0 to 1 [QM0224]",
      "a.yaml:5 Policy/c spec.verify.watch.denied: always holds, since good.requests.denied.share goes from 0 to 1 [QM0224]",
    ],
  },
  {
    name: "an SLO verified by a plain number",
    text: world(
      policy({
        verify: { signal: "availability", improve: { below: 5 }, sustained: "1m", within: "5m" },
      }),
      slo(),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.verify.improve.below: availability is an SLO; write below: {burn: 5} [QM0115]",
    ],
  },
  {
    name: "ranks that are never reached or do no more than one before",
    text: world(
      policy({
        acts: [
          { rateLimit: { name: "shop", factor: 0.5 } },
          { rateLimit: { name: "shop", factor: 0.5 } },
          { rateLimit: { name: "shop", factor: 0.8 } },
          { notify: { ticket: "team" } },
          { rateLimit: { name: "shop", factor: 0.1 } },
        ],
      }),
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.then[1]: does no more than then[0], tried before it [QM0225]",
      "a.yaml:1 Policy/calm spec.then[2]: does no more than then[0], tried before it [QM0225]",
      "a.yaml:1 Policy/calm spec.then[4]: is never reached: then[3] only tells, which is always allowed; put it last [QM0225]",
    ],
  },
  {
    name: "a guard that makes actions impossible",
    text: toText([
      policy({
        guard: { floor: { gold: 0.9 }, maxTrafficShare: "2%", shadowFirst: "1h" },
        acts: [
          { timeout: { service: "shop", timeout: "500ms" } },
          { shed: { shedding: "shop", tiers: { gold: "50%" } } },
          { rateLimit: { name: "shop", factor: 0.5, tiers: ["gold"] } },
          { fault: { service: "shop", abort: { status: 503, share: "5%" } } },
        ],
      }),
      service(),
      rateLimit(),
      shedding({ tiers: [{ name: "gold" }] }),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 Policy/calm spec.guard.shadowFirst: lasts 1h, and revert.ttl ends all after 30m [QM0226]",
      "a.yaml:1 Policy/calm spec.then[1].shed.tiers.gold: 50% is below guard.floor of gold, 90% [QM0226]",
      "a.yaml:1 Policy/calm spec.then[2].rateLimit.factor: 0.5 is below guard.floor of gold, 90% [QM0226]",
      "a.yaml:1 Policy/calm spec.then[3].fault.abort.share: 5% is above guard.maxTrafficShare, 2% [QM0226]",
    ],
  },
  {
    name: "objectives of tiers that differ, that are nowhere, or that nobody counts by Envoy",
    text: toText([
      tiered("gold", "silver", "a"),
      tiered("gild", "gild", "b"),
      tiered("gold", "gold", "c"),
      policy({
        acts: [{ timeout: { service: "shop", timeout: "1s" } }],
        verify: {
          signal: "c",
          improve: { below: { burn: 1 } },
          sustained: "1m",
          within: "5m",
          holdBack: "10%",
        },
      }),
      service(),
      shedding({
        tiers: [{ name: "gold" }, { name: "silver", matches: [{ path: { value: "/s" } }] }],
      }),
      rateLimit(),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 SLO/a spec.indicator.spec.ratioMetric.total.metricSource.spec.tier: good and total are of different tiers [QM0115]",
      "a.yaml:3 SLO/b spec.indicator.spec.ratioMetric.good.metricSource.spec.tier: no Shedding has a tier gild; did you mean gold? [QM0217]",
      "a.yaml:7 Policy/calm spec.then[0]: c is of tier gold, which nobody counts by Envoy, so holdBack cannot keep it to some Envoys [QM0140]",
    ],
  },
  {
    name: "windows shorter than a slice of time",
    text: toText([
      slo({
        budgetingMethod: "Timeslices",
        objectives: [{ target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: "5m" }],
        alertPolicies: ["fast"],
      }),
      ...alert({ threshold: 2, lookbackWindow: "1m" }),
      policy({
        when: 'burn("availability", "1m") > 2.0 || pBurn("availability", "5m", 2.0) > 0.9',
      }),
      service(),
      rateLimit(),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 SLO/availability spec.alertPolicies[0]: AlertCondition fast looks back 1m, and the slices of this one last 5m [QM0224]",
      "a.yaml:9 Policy/calm spec.when: asks for 1m of availability, and its slices last 5m, so it is never known [QM0224]",
    ],
  },
  {
    name: "shifts that move nothing, or all, or from where nobody is",
    text: toText([
      policy({
        acts: [
          { shift: { service: "shop", from: "us/a", max: "100%", step: "0%", every: "1s" } },
          { shift: { service: "shop", from: "us", max: "0%" } },
          { shift: { service: "shop", from: "eu/b", max: "95%" } },
        ],
      }),
      service({
        endpoints: ["eu/a", "us/a"].map((place, at) => {
          const [region, zone] = place.split("/");
          return { address: `127.0.0.1:${9001 + at}`, locality: { region, zone } };
        }),
      }),
      adapter(),
    ]),
    lines: [
      'a.yaml:1 Policy/calm spec.then[0].shift.every: "1s" is below 5s [QM0014]',
      "a.yaml:1 Policy/calm spec.then[0].shift.max: is not above 0% and at most 95%: what stays shows when it is well again [QM0005]",
      "a.yaml:1 Policy/calm spec.then[0].shift.step: is 0%, so nothing would move [QM0005]",
      "a.yaml:1 Policy/calm spec.then[1].shift.max: is not above 0% and at most 95%: what stays shows when it is well again [QM0005]",
      "a.yaml:1 Policy/calm spec.then[2].shift.from: no endpoint of Service shop is in eu/b; did you mean eu/a? [QM0217]",
    ],
  },
  {
    name: "actions of the whole mesh that are to hold on some Envoys only, and claims that nobody verifies",
    text: toText([
      policy(
        {
          mode: "canary",
          canary: { nodes: "10%", for: "2m" },
          acts: [{ rateLimit: { name: "shop", rate: "2/s" } }],
        },
        { name: "a" },
      ),
      policy({ acts: [{ deny: { claim: { name: "sub", value: "eve" } } }] }, { name: "b" }),
      service(),
      rateLimit({ scope: "global" }),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 Policy/a spec.then[0]: RateLimit shop has one count for the mesh, so mode canary cannot keep it to some Envoys [QM0140]",
      "a.yaml:3 Policy/b spec.then[0].deny: no Identity says whose tokens are believed, so no claim is known [QM0217]",
    ],
  },
  {
    name: "actions beyond the floor of a tier and the bounds of a RateLimit",
    text: toText([
      policy({
        acts: [
          { shed: { shedding: "shop", max: 2, tiers: { gold: "50%", silver: "1%" } } },
          { rateLimit: { name: "shop", rate: "1/s" } },
          { rateLimit: { name: "shop", factor: 3 } },
          { rateLimit: { name: "free" } },
          { rateLimit: { name: "shop", factor: 0.8 } },
        ],
      }),
      service(),
      rateLimit({ bounds: { min: "2/s", max: "20/s" } }),
      rateLimit({ per: ["address"] }, "free"),
      shedding({ tiers: [{ name: "gold", floor: 0.9 }] }),
      adapter(),
    ]),
    lines: [
      "a.yaml:1 Policy/calm spec.then[0].shed.tiers.gold: 50% is below the floor of the tier, 0.9, in Shedding shop (a.yaml:9) [QM0227]",
      "a.yaml:1 Policy/calm spec.then[0].shed.tiers.silver: Shedding shop has no tier silver; tiers: gold [QM0217]",
      "a.yaml:1 Policy/calm spec.then[1].rateLimit.rate: 1/s is below bounds.min, 2/s, of RateLimit shop (a.yaml:5) [QM0227]",
      "a.yaml:1 Policy/calm spec.then[2].rateLimit.factor: 30/s is above bounds.max, 20/s, of RateLimit shop (a.yaml:5) [QM0227]",
      "a.yaml:1 Policy/calm spec.then[3].rateLimit: has no factor and no rate, and RateLimit free has no bounds.min to fall to [QM0115]",
      "a.yaml:1 Policy/calm spec.then[4].rateLimit.factor: 0.8 is below the floor of tier gold, 0.9, in Shedding shop (a.yaml:9) of the same target; name the tiers it may hold [QM0227]",
    ],
  },
  {
    name: "a Guardrail that forbids what a Policy and a Rollout are there to do",
    text: toText([
      versions(),
      rateLimit(),
      shedding({
        tiers: [{ name: "gold" }, { name: "rest", matches: [{ path: { value: "/r" } }] }],
      }),
      adapter(),
      rollout(),
      policy({ acts: [{ rateLimit: { name: "shop", factor: 0.5, tiers: ["gold", "rest"] } }] }),
      guardrail([
        "canary.weight > 50",
        'request.tier == "gold"',
        'canary.weight > 1 && !approved("sre")',
      ]),
    ]),
    lines: [
      "a.yaml:9 Rollout/shop spec.steps[1]: Guardrail never (a.yaml:13) forbids it always: canary.weight > 50 [QM0228]",
      'a.yaml:11 Policy/calm spec.then[0]: Guardrail never (a.yaml:13) forbids it always: request.tier == "gold" [QM0228]',
    ],
  },
  {
    name: "Policies of one class that move a knob in opposite ways, where their scopes meet",
    text: world(
      policy({}, { name: "down" }),
      policy({ acts: [{ rateLimit: { name: "shop", factor: 2 } }] }, { name: "up" }),
      policy(
        { acts: [{ rateLimit: { name: "shop", factor: 2 } }] },
        { name: "up-cost", class: "cost" },
      ),
      policy(
        {
          scope: { service: "shop", env: "test" },
          acts: [{ rateLimit: { name: "shop", factor: 2 } }],
        },
        { name: "up-test" },
      ),
    ),
    lines: [
      "a.yaml:3 Policy/up spec.then[0]: rate of RateLimit shop is raised by Policy up and lowered by down; whenever both hold, it is lowered (a.yaml:1) [QM0908]",
    ],
  },
];

export const badRollouts: readonly BadCase[] = [
  {
    name: "a Rollout without anything, and one that contradicts itself",
    text: toText([
      rollout({ service: undefined, versions: undefined, steps: undefined }, "a"),
      rollout(
        {
          versions: { stable: "v1", canary: "v1" },
          steps: [
            { weight: 5, for: "5m" },
            { weight: 5 },
            { hold: "sre", for: "1m" },
            { weight: 6, hold: "sre" },
            {},
          ],
          judge: { safe: { relativeRisk: 1.05 } },
          stickiness: { by: { header: "x-user", cookie: "id" } },
        },
        "b",
      ),
      versions(),
    ]),
    lines: [
      "a.yaml:1 Rollout/a spec.service: missing; the Service rolled out [QM0007]",
      "a.yaml:1 Rollout/a spec.steps: missing; such as [{weight: 5, for: 5m}, {weight: 100}] [QM0007]",
      "a.yaml:1 Rollout/a spec.versions: missing; such as {stable: v1, canary: v2} [QM0007]",
      "a.yaml:3 Rollout/b spec.judge.safe.relativeRisk: 1.05 is not above relativeRisk of worse, 1.1: a canary could be both [QM0129]",
      "a.yaml:3 Rollout/b spec.steps[1].weight: 5 is not above 5 of the step before [QM0129]",
      "a.yaml:3 Rollout/b spec.steps[2].for: a hold ends when it is promoted, not after a time [QM0115]",
      "a.yaml:3 Rollout/b spec.steps[3]: is not one of {weight: 5, for: 5m} and {hold: ROLE} [QM0115]",
      "a.yaml:3 Rollout/b spec.steps[4]: is not one of {weight: 5, for: 5m} and {hold: ROLE} [QM0115]",
      "a.yaml:3 Rollout/b spec.stickiness.by.cookie: stickiness by cookie is not supported yet [QM0011]",
      'a.yaml:3 Rollout/b spec.versions.canary: "v1" is the stable version too [QM0129]',
    ],
  },
  {
    name: "a Rollout of a version or a Service that is not there, and two of one Service",
    text: toText([
      rollout({ versions: { stable: "v1", canary: "v3" } }),
      rollout({ service: "shp" }, "b"),
      rollout({}, "c"),
      versions(),
    ]),
    lines: [
      "a.yaml:1 Rollout/shop spec.service: Rollout c (a.yaml:5) already moves Service shop [QM0221]",
      "a.yaml:1 Rollout/shop spec.versions.canary: Service shop has no version v3; versions: v1, v2 [QM0220]",
      "a.yaml:3 Rollout/b spec.service: there is no Service shp; did you mean shop? [QM0217]",
    ],
  },
  {
    name: "weights and a rule that keep requests from a Rollout",
    text: toText([
      gateway(),
      route({ backendRefs: [{ group: "quantum.mesh", kind: "ServiceVersion", name: "shop.v1" }] }),
      rollout(),
      versions({ weights: { v1: 90, v2: 10 } }),
    ]),
    lines: [
      "a.yaml:5 Rollout/shop spec.service: spec.rules[0] of route shop (a.yaml:3) names one version of shop, whose requests a Rollout could not move; name the Service [QM0222]",
      "a.yaml:7 Service/shop spec.weights.v2: Rollout shop (a.yaml:5) alone moves the weights, from all to v1; leave weights out [QM0223]",
    ],
  },
];

export const badOthers: readonly BadCase[] = [
  {
    name: "an SLO without anything, and others at fault",
    text: toText([
      slo(
        {
          service: undefined,
          budgetingMethod: undefined,
          timeWindow: undefined,
          objectives: undefined,
          indicator: undefined,
        },
        "a",
      ),
      slo(
        { objectives: [{ target: 0.9, targetPercent: 90, timeSliceTarget: 0.9 }], service: "shp" },
        "b",
      ),
      slo(
        {
          budgetingMethod: "Timeslices",
          timeWindow: [{ duration: "30d", isRolling: true, calendar: {} }],
        },
        "c",
      ),
      slo(
        {
          budgetingMethod: "Timeslices",
          objectives: [{ target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: "90s" }],
        },
        "e",
      ),
      slo(
        { budgetingMethod: "RatioTimeslices", alertPolicies: ["no", { kind: "AlertPolicy" }] },
        "d",
      ),
      service(),
    ]),
    lines: [
      "a.yaml:1 SLO/a spec.budgetingMethod: missing; Occurrences or Timeslices [QM0007]",
      "a.yaml:1 SLO/a spec.indicator: missing; what makes a request good [QM0007]",
      "a.yaml:1 SLO/a spec.objectives: missing; such as [{target: 0.999}] [QM0007]",
      "a.yaml:1 SLO/a spec.service: missing; the Service it is about [QM0007]",
      "a.yaml:1 SLO/a spec.timeWindow: missing; such as [{duration: 30d, isRolling: true}] [QM0007]",
      "a.yaml:3 SLO/b spec.objectives[0]: is not one of target and targetPercent [QM0115]",
      "a.yaml:3 SLO/b spec.objectives[0]: slices of time belong to the budgeting method Timeslices [QM0115]",
      "a.yaml:3 SLO/b spec.service: there is no Service shp; did you mean shop? [QM0217]",
      "a.yaml:5 SLO/c spec.objectives[0].timeSliceWindow: missing; Timeslices need timeSliceTarget and timeSliceWindow [QM0007]",
      "a.yaml:5 SLO/c spec.timeWindow[0].calendar: calendar windows are not supported yet [QM0011]",
      "a.yaml:7 SLO/e spec.objectives[0].timeSliceWindow: 90s is above 1m and no whole number of minutes [QM0014]",
      "a.yaml:9 SLO/d spec.alertPolicies[0]: there is no AlertPolicy no [QM0217]",
      "a.yaml:9 SLO/d spec.alertPolicies[1].alertPolicyRef: missing [QM0007]",
      "a.yaml:9 SLO/d spec.alertPolicies[1].kind: alert policies inside an SLO are not supported yet [QM0011]",
      "a.yaml:9 SLO/d spec.budgetingMethod: the budgeting method RatioTimeslices is not supported yet [QM0011]",
    ],
  },
  {
    name: "indicators at fault",
    text: toText([
      slo(indicator({ count: "code < 400" }, { count: "method == GET" }), "a"),
      slo(indicator({ count: "duration < 250ms" }, { count: "true" }), "b"),
      slo(indicator({ query: "good" }, { count: "true" }), "c"),
      slo(indicator({ query: "good" }, { query: "all" }, "prometheus"), "d"),
      slo(indicator({ query: "good" }, { query: "all" }, "prometheus", "nobody"), "e"),
      service(),
    ]),
    lines: [
      'a.yaml:1 SLO/a spec.indicator.spec.ratioMetric.good.metricSource.spec.count: "code < 400" is not one of "code < 500" and "duration < 300ms" [QM0012]',
      'a.yaml:1 SLO/a spec.indicator.spec.ratioMetric.total.metricSource.spec.count: "method == GET" is not "true": the total counts every request [QM0012]',
      'a.yaml:3 SLO/b spec.indicator.spec.ratioMetric.good.metricSource.spec.count: "duration < 250ms" is between the times that are counted: 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 10000 ms [QM0012]',
      "a.yaml:5 SLO/c spec.indicator.spec.ratioMetric.good.metricSource.spec.count: missing; a source of type mesh has it [QM0007]",
      "a.yaml:7 SLO/d spec.indicator.spec.ratioMetric.good.metricSource.metricSourceRef: missing; name the Adapter of type prometheus, there is none [QM0217]",
      "a.yaml:9 SLO/e spec.indicator.spec.ratioMetric.good.metricSource.metricSourceRef: there is no Adapter nobody of type prometheus [QM0217]",
    ],
  },
  {
    name: "alerts without anything, of nobody, and one no burn can reach",
    text: toText([
      slo({ alertPolicies: ["fast"], objectives: [{ target: 0.9 }] }),
      ...alert(),
      { apiVersion: "openslo/v1", kind: "AlertPolicy", metadata: { name: "b" }, spec: {} },
      { apiVersion: "openslo/v1", kind: "AlertCondition", metadata: { name: "b" }, spec: {} },
      {
        apiVersion: "openslo/v1",
        kind: "AlertNotificationTarget",
        metadata: { name: "b" },
        spec: {},
      },
      {
        apiVersion: "openslo/v1",
        kind: "AlertPolicy",
        metadata: { name: "c" },
        spec: { conditions: [{ conditionRef: "no" }], notificationTargets: [{ targetRef: "no" }] },
      },
      service(),
    ]),
    lines: [
      "a.yaml:1 SLO/availability spec.alertPolicies[0]: AlertCondition fast waits for a burn of 14.4, and this one goes up to 10 [QM0224]",
      "a.yaml:9 AlertPolicy/b metadata.name: no SLO names it under alertPolicies, so it tells nobody [QM0906]",
      "a.yaml:9 AlertPolicy/b spec.conditions: missing; such as [{conditionRef: NAME}] [QM0007]",
      "a.yaml:9 AlertPolicy/b spec.notificationTargets: missing; such as [{targetRef: NAME}] [QM0007]",
      "a.yaml:11 AlertCondition/b spec.condition: missing; threshold and lookbackWindow [QM0007]",
      "a.yaml:11 AlertCondition/b spec.severity: missing; page or ticket [QM0007]",
      "a.yaml:13 AlertNotificationTarget/b spec.target: missing; who is told [QM0007]",
      "a.yaml:15 AlertPolicy/c metadata.name: no SLO names it under alertPolicies, so it tells nobody [QM0906]",
      "a.yaml:15 AlertPolicy/c spec.conditions[0].conditionRef: there is no AlertCondition no [QM0217]",
      "a.yaml:15 AlertPolicy/c spec.notificationTargets[0].targetRef: there is no AlertNotificationTarget no [QM0217]",
    ],
  },
  {
    name: "Overrides at fault",
    text: world(
      policy(),
      policy({}, { name: "shy" }),
      override({ set: undefined, ttl: undefined, reason: undefined }, { name: "a", by: undefined }),
      override({ ttl: "25h" }, { name: "b" }),
      override(
        {
          set: {
            "canary.weight": 5,
            "policy.calm.mode": "on",
            "policy.no.mode": "off",
            "policy.shy.mode": "canary",
            "rateLimit.shop.factor": -1,
            "rateLimit.no.factor": 1,
            "shedding.shop.max": 5,
          },
        },
        { name: "c" },
      ),
      override({ scope: { service: "shop" }, set: { "canary.weight": 5 } }, { name: "d" }),
    ),
    lines: [
      "a.yaml:5 Override/a metadata.by: missing; an Override says who wants it [QM0007]",
      "a.yaml:5 Override/a spec.reason: missing; an Override says why [QM0007]",
      "a.yaml:5 Override/a spec.set: missing; an Override sets something, such as canary.weight: 5 [QM0007]",
      "a.yaml:5 Override/a spec.ttl: missing; an Override ends by itself within 24h [QM0126]",
      'a.yaml:7 Override/b spec.ttl: "25h" is above 24h [QM0014]',
      'a.yaml:9 Override/c spec.set["canary.weight"]: needs scope.service, the Service that is rolled out [QM0012]',
      'a.yaml:9 Override/c spec.set["policy.calm.mode"]: "on" is not one of off, shadow, canary, enforce [QM0012]',
      'a.yaml:9 Override/c spec.set["policy.no.mode"]: there is no Policy no [QM0217]',
      'a.yaml:9 Override/c spec.set["policy.shy.mode"]: Policy shy says no canary: {nodes, for} [QM0012]',
      'a.yaml:9 Override/c spec.set["rateLimit.no.factor"]: there is no RateLimit no [QM0217]',
      'a.yaml:9 Override/c spec.set["rateLimit.shop.factor"]: -1 is not a number from 0 to 10 [QM0012]',
      'a.yaml:9 Override/c spec.set["shedding.shop.max"]: is no knob; there are rateLimit.NAME.factor, policy.NAME.mode and canary.weight [QM0012]',
      'a.yaml:11 Override/d spec.set["canary.weight"]: there is no Rollout of Service shop [QM0217]',
    ],
  },
  {
    name: "Maintenances at fault",
    text: toText(
      [
        maintenance({ when: undefined }),
        maintenance({ when: { cron: "0 25 * * 0", for: "2h", tz: "Mars/Base" } }),
        maintenance({ when: { cron: "0 2 * *", for: "8d" } }),
        maintenance({ when: { from: "2026-05-01T02:00:00Z", to: "2026-05-01T01:00:00Z" } }),
        maintenance({ when: { from: "tomorrow", to: "2026-05-01T01:00:00Z" } }),
        maintenance({
          when: { cron: "0 2 * * x", for: "1h", from: "2026-05-01T02:00:00Z" },
          freeze: [],
        }),
      ].map((document, index) => ({
        ...document,
        metadata: { name: `m${index}`, owner: "team" },
      })),
    ),
    lines: [
      "a.yaml:1 Maintenance/m0 spec.when: missing; a window is cron and for, or from and to [QM0007]",
      'a.yaml:3 Maintenance/m1 spec.when.cron: "0 25 * * 0": hour 25 is outside 0 to 23 [QM0030]',
      'a.yaml:3 Maintenance/m1 spec.when.tz: "Mars/Base" is not a time zone such as UTC or Europe/Berlin [QM0030]',
      'a.yaml:5 Maintenance/m2 spec.when.cron: "0 2 * *": has 4 fields; cron has 5 [QM0030]',
      'a.yaml:5 Maintenance/m2 spec.when.for: "8d" is above 7d [QM0014]',
      "a.yaml:7 Maintenance/m3 spec.when.to: is not after from [QM0030]",
      'a.yaml:9 Maintenance/m4 spec.when.from: "tomorrow" is not a time such as 2026-05-01T02:00:00Z [QM0030]',
      "a.yaml:11 Maintenance/m5 spec: changes nothing; write freeze, suppress or sloExclude [QM0128]",
      "a.yaml:11 Maintenance/m5 spec.when: cron and from are both there; keep one [QM0115]",
      'a.yaml:11 Maintenance/m5 spec.when.cron: "0 2 * * x": day of week "x" is not a number, range, list or step [QM0030]',
    ],
  },
  {
    name: "keys that come another way than their address says",
    text: world(identity({ jwks: { uri: "https://id.shop/keys", service: "shop" } })),
    lines: [
      "a.yaml:1 Identity/staff spec.jwks.service: Service shop is reached in plaintext: it has no tls, and the address is https://id.shop/keys [QM0229]",
    ],
  },
  {
    name: "Identities at fault, and one that is not",
    text: toText([
      identity({ issuer: undefined, audiences: undefined, jwks: undefined }, "a"),
      identity({ jwks: { file: "no", inline: {} } }, "b"),
      identity({ jwks: { file: "no" } }, "c"),
      identity({ jwks: { file: "key" } }, "d"),
      identity({ jwks: { inline: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } } }, "e"),
      identity({ jwks: { inline: { keys: [{ kty: "RSA", n: "AQ", e: "AQAB", d: "AQ" }] } } }, "f"),
      identity({ jwks: { uri: "https://id.shop/keys" } }, "g"),
      identity({}, "h"),
      identity({ jwks: { uri: "id.shop/keys", service: "idp" } }, "i"),
    ]),
    lines: [
      "a.yaml:1 Identity/a spec.audiences: missing; whom tokens are for [QM0007]",
      "a.yaml:1 Identity/a spec.issuer: missing; the `iss` of its tokens [QM0007]",
      "a.yaml:1 Identity/a spec.jwks: missing; {file: keys.json}, {inline: {keys: [...]}} or {uri: https://..., service: NAME} [QM0007]",
      "a.yaml:3 Identity/b spec.jwks: is not one of file, inline and uri [QM0115]",
      "a.yaml:5 Identity/c spec.jwks.file: no cannot be read (no files are at hand) [QM0031]",
      "a.yaml:7 Identity/d spec.jwks.file: key is not JSON [QM0031]",
      "a.yaml:9 Identity/e spec.jwks.inline: key 0 is not of kty RSA, EC or OKP [QM0031]",
      "a.yaml:11 Identity/f spec.jwks.inline: key 0 holds d, a part of a private key [QM0031]",
      "a.yaml:13 Identity/g spec.jwks: has only one of uri and service; keys are fetched from a Service [QM0115]",
      "a.yaml:17 Identity/i spec.jwks.service: there is no Service idp [QM0217]",
      'a.yaml:17 Identity/i spec.jwks.uri: "id.shop/keys" is no address of http or https [QM0012]',
    ],
  },
  {
    name: "alerts for a team that no Adapter is for",
    text: toText([
      service(),
      slo({ alertPolicies: ["fast"] }),
      ...alert(),
      adapter(
        {
          ...{ type: "alertmanager", secretFile: undefined, signals: undefined },
          ...{ url: "http://am:9093", for: ["team-shop-eu"] },
        },
        "am",
      ),
    ]),
    lines: [
      "a.yaml:9 AlertNotificationTarget/fast spec.target: no Adapter that takes alerts is for team-shop, so nobody outside is told; did you mean team-shop-eu? [QM0912]",
    ],
  },
  {
    name: "Runbooks at fault, and Policies that name one that is not there",
    text: world(
      policy({ evidence: { run: "no" }, acts: [{ run: "pakc" }] }),
      {
        ...{ apiVersion: "quantum.mesh/v1", kind: "Runbook" },
        metadata: { name: "pack", owner: "team" },
        spec: {
          steps: [
            {},
            { webhook: { adapter: "soar", path: "../case", idempotencyKey: "now" } },
            { revokeToken: {} },
          ],
        },
      },
      { ...{ apiVersion: "quantum.mesh/v1", kind: "Runbook" }, metadata: { name: "b" }, spec: {} },
    ),
    lines: [
      "a.yaml:1 Policy/calm spec.evidence.run: there is no Runbook no [QM0217]",
      "a.yaml:1 Policy/calm spec.then[0].run: there is no Runbook pakc; did you mean pack? [QM0217]",
      "a.yaml:3 Runbook/pack spec.steps[0]: does nothing; write webhook [QM0115]",
      "a.yaml:3 Runbook/pack spec.steps[1].webhook.adapter: there is no Adapter soar of type webhook [QM0217]",
      'a.yaml:3 Runbook/pack spec.steps[1].webhook.idempotencyKey: "now" is not $decision.id; another key is not the same on each try [QM0012]',
      'a.yaml:3 Runbook/pack spec.steps[1].webhook.path: "../case" is not a path such as /case [QM0012]',
      "a.yaml:3 Runbook/pack spec.steps[2].revokeToken: revoking tokens is not supported yet [QM0011]",
      "a.yaml:5 Runbook/b metadata.owner: missing; a Runbook says who owns it [QM0117]",
      "a.yaml:5 Runbook/b spec.steps: missing; a Runbook does something [QM0007]",
    ],
  },
  {
    name: "Adapters at fault",
    text: toText([
      adapter({ type: undefined }, "a"),
      adapter(
        { secretFile: undefined, url: "http://x", signals: [{ name: "requests" }, { name: "9" }] },
        "b",
      ),
      adapter(
        { type: "prometheus", secretFile: undefined, signals: undefined, url: "ftp://x" },
        "c",
      ),
      adapter({ signals: [{ name: "queue.depth" }, { name: "queue.depth" }] }, "d"),
      adapter({ secretFile: "no", signals: [] }, "e"),
    ]),
    lines: [
      "a.yaml:1 Adapter/a spec.type: missing; signals, prometheus, otlp, alertmanager or webhook [QM0007]",
      "a.yaml:3 Adapter/b spec.secretFile: missing; type signals needs it [QM0007]",
      'a.yaml:3 Adapter/b spec.signals[0].name: "requests" is the mesh\'s own; take another name [QM0029]',
      'a.yaml:3 Adapter/b spec.signals[1].name: "9" is not the name of a signal, such as db.latency.p95 [QM0029]',
      "a.yaml:3 Adapter/b spec.url: belongs to type prometheus or alertmanager or webhook, and this is of type signals [QM0115]",
      'a.yaml:5 Adapter/c spec.url: "ftp://x" is not an http or https address such as http://prometheus:9090 [QM0012]',
      "a.yaml:7 Adapter/d spec.signals[0].name: Adapter a already brings a signal queue.depth [QM0219]",
      "a.yaml:7 Adapter/d spec.signals[1].name: queue.depth is already entry 0 of this list [QM0101]",
      "a.yaml:9 Adapter/e spec.secretFile: no cannot be read (no files are at hand) [QM0023]",
    ],
  },
];

function indicator(good: object, total: object, type = "mesh", metricSourceRef?: string) {
  const source = (spec: object) => ({
    metricSource: { type, ...(metricSourceRef !== undefined && { metricSourceRef }), spec },
  });
  return {
    indicator: {
      spec: { ratioMetric: { counter: true, good: source(good), total: source(total) } },
    },
  };
}
