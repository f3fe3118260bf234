/** Four whole sets: canary rollback, backpressure, containment, cost. They are what the language was made for. */
export const CANARY = `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: checkout, owner: team-pay}
spec: {versions: {v41: {endpoints: ["127.0.0.1:9001"]}, v42: {endpoints: ["127.0.0.1:9002"]}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout-availability, owner: team-pay}
spec: {service: checkout, budgetingMethod: Occurrences, timeWindow: [{duration: 30d, isRolling: true}], objectives: [{target: 0.999}],
  indicator: {spec: {ratioMetric: {counter: true, good: {metricSource: {type: mesh, spec: {count: "code < 500"}}}, total: {metricSource: {type: mesh, spec: {count: "true"}}}}}}}
---
apiVersion: quantum.mesh/v1
kind: Rollout
metadata: {name: checkout, owner: team-pay}
spec:
  service: checkout
  versions: {stable: v41, canary: v42}
  stickiness: {by: {header: x-user-id}}
  steps: [{weight: 1, for: 2m}, {weight: 5, for: 5m}, {weight: 20, for: 10m}, {hold: sre}, {weight: 50, for: 10m}, {weight: 100}]
  judge:
    worse: {alpha: 0.01, relativeRisk: 1.10, absolute: 0.0005, signals: [errors, {slow: [p90, p95, p99]}], overdispersion: auto}
    safe: {beta: 0.05, relativeRisk: 1.25, minRequests: 2000, minErrorsOrTime: {errors: 5, time: 10m}}
    sampleRatio: {alpha: 0.001}
    noTraffic: hold
  onWorse: {action: rollback, drain: 30s, lock: 1h}
  deadline: {after: 90m, then: hold}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: slo-breach-rollback, owner: team-pay, class: reliability}
spec:
  mode: enforce
  scope: {service: checkout}
  when: 'burn("checkout-availability","5m") > 14.4 && evidence("checkout","worse") >= 20.0 && age("requests") < duration("30s")'
  then: [{rollback: {rollout: checkout}}, {notify: {page: team-pay}}]
  verify: {signal: checkout-availability, improve: {below: {burn: 1.0}}, sustained: 5m, within: 10m}
  revert: {onHarm: immediate}
---
apiVersion: quantum.mesh/v1
kind: Guardrail
metadata: {name: blast-radius, owner: platform}
spec: {absolute: true, forbid: ['canary.weight > 50 && !approved("sre")', 'actions.last("1h") >= 5', 'locality.out > 1']}
`;

/** Not carried out: limits per tier, \`control\`, the action \`flag\` and \`queueAgeMax\`. */
export const BACKPRESSURE = `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: fn-invoke, owner: team-events}
spec: {endpoints: ["127.0.0.1:9001"]}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: queue-and-database, owner: team-events}
spec: {type: signals, secretFile: key, signals: [{name: db.latency.p95, maxAge: 30s}, {name: queue.depth.growth}]}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: event-classes, owner: platform}
spec: {target: {service: fn-invoke}, tiers: [{name: critical, floor: 0.9, value: 1.0, matches: [{headers: [{name: x-event-class, value: order}]}]}, {name: normal, floor: 0.2, value: 0.1}]}
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: invoke, owner: team-events}
spec: {target: {service: fn-invoke}, rate: 400/s, burst: 800, bounds: {min: 40/s, max: 600/s}, scope: global, onUnavailable: local}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: db-backpressure, owner: team-events, class: reliability}
spec:
  mode: enforce
  scope: {rateLimit: invoke}
  when: 'pAbove("db.latency.p95", 0.120, "30s") > 0.9 || rate("queue.depth.growth","1m") > 0.0'
  then: [{rateLimit: {name: invoke, tiers: [normal]}}, {rateLimit: {name: invoke, tiers: [critical]}}]
  guard: {minInterval: 60s, budget: 5/h}
  verify: {signal: db.latency.p95, improve: {relative: 0.2}, sustained: 2m, within: 5m}
  revert: {onHarm: immediate, onNoEffect: 5m, ttl: 30m}
`;

/** Not carried out: a rate limit of one principal, capture of evidence with its Runbook. */
export const CONTAINMENT = `
apiVersion: quantum.mesh/v1
kind: Identity
metadata: {name: idp, owner: secops}
spec: {issuer: "https://idp.example", audiences: [mesh], jwks: {inline: {keys: [{kty: RSA, n: AQ, e: AQAB}]}}}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: siem, owner: secops}
spec: {type: signals, secretFile: key, signals: [{name: account-abuse}, {name: caller.rate.vsOwnBaseline}, {name: suspicious.rate}]}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: quarantine-caller, owner: secops, class: security}
spec:
  mode: canary
  canary: {nodes: 10%, for: 2m}
  scope: {service: "*"}
  when: 'siem("account-abuse").score > 0.9 && pAbove("caller.rate.vsOwnBaseline", 5.0, "1m") > 0.99'
  then: [{deny: {principal: "$signal.sub", cidr: "$signal.cidr", jti: "$signal.jti"}}]
  guard: {maxPrincipals: 50, maxTrafficShare: 2%, exempt: ["spiffe://mesh/ns/infra/*"], shadowFirst: 60s}
  approval: {need: 1, from: [secops], within: 5m, else: apply, onlyIf: 'affected.share > 0.005'}
  verify: {signal: suspicious.rate, improve: {relative: 0.8}, sustained: 5m, within: 10m, watch: {falseQuarantine: 'good.requests.denied.share < 0.01'}}
  revert: {ttl: 2h, onHarm: immediate}
`;

/** Not carried out: \`assume: forecast\`, the action \`route\`, times of day in \`revert\`. */
export const COST = `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ci, owner: finops, labels: {env: staging}}
spec: {endpoints: ["127.0.0.1:9001"]}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: db, owner: dba}
spec: {endpoints: ["127.0.0.1:9002"]}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: ci, owner: finops}
spec: {target: {service: ci}, tiers: [{name: release-blocking, floor: 1.0, matches: [{headers: [{name: x-job, value: release}]}]}, {name: best-effort}]}
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: ci-jobs, owner: finops}
spec: {target: {service: ci}, rate: 100/s, bounds: {min: 10/s, max: 100/s}}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: bills, owner: finops}
spec: {type: prometheus, url: "http://127.0.0.1:9090", queries: [
  {signal: cost.staging, query: "sum(rate(cost[5m]))", interval: 1m}, {signal: cost.staging.day, query: "sum(cost)"}, {signal: cost.staging.slope, query: "deriv(cost[1h])"}]}
---
apiVersion: quantum.mesh/v1
kind: Guardrail
metadata: {name: staging-cap, owner: finops}
spec: {scope: {env: staging}, forbid: ['cost("staging","24h") >= 500.0 && request.tier != "release-blocking"'], onDataMissing: hold}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: near-cap, owner: finops, class: cost}
spec:
  mode: enforce
  scope: {env: staging}
  when: 'forecast("cost.staging.day","eod",0.8) > 450.0'
  then: [{rateLimit: {name: ci-jobs, tiers: [best-effort], factor: 0.5}}, {rateLimit: {name: ci-jobs, tiers: [best-effort], factor: 0.1}}]
  guard: {floor: {release-blocking: 1.0}, minInterval: 10m, budget: 4/h}
  verify: {signal: cost.staging.slope, improve: {relative: 0.2}, sustained: 30m, within: 90m}
  revert: {ttl: 12h}
---
apiVersion: quantum.mesh/v1
kind: Override
metadata: {name: release-42, by: alice, approvedBy: [bob]}
spec: {scope: {tier: best-effort, label: {job: release-42}}, set: {rateLimit.ci-jobs.factor: 1.0}, ttl: 3h, reason: "hotfix tests, ticket 881"}
---
apiVersion: quantum.mesh/v1
kind: Maintenance
metadata: {name: sunday-db, owner: dba}
spec: {when: {cron: "0 2 * * 0", tz: UTC, for: 2h}, scope: {service: db}, freeze: [cost, experiment], suppress: {severity: [ticket]}, sloExclude: false}
`;
