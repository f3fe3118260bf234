/** The shedding of the demo: three tiers. */
const DEMO_SHEDDING = `  tiers:
    - {name: critical, matches: [{headers: [{name: x-criticality, value: critical}]}]}
    - {name: default}
    - {name: sheddable, matches: [{headers: [{name: x-criticality, value: sheddable}]}]}
`;

/** In shadow, so that what is measured is the filter alone: what automation would have done is on the dashboard. */
export const DEMO_AUTOMATION = `---
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-fast, owner: team-shop}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 1d, isRolling: true}]
  objectives: [{target: 0.9}]
  indicator:
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: mesh, spec: {count: "duration < 50ms"}}}
        total: {metricSource: {type: mesh, spec: {count: "true"}}}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: keep-shop-fast, owner: team-shop, class: reliability}
spec:
  mode: shadow
  method: rules
  scope: {service: shop}
  when: 'burn("shop-fast", "10s") > 1.0'
  then: [{shed: {shedding: shop, max: 12}}]
  verify: {signal: shop-fast, improve: {below: {burn: 1.0}}, sustained: 10s, within: 1m}
  revert: {onHarm: immediate, ttl: 5m}
`;

/** The intent behind the demo: a gateway on a free loopback port, one service, three tiers or another shedding. */
export function demoIntent(servicePort: number, shedding = DEMO_SHEDDING): string {
  return `# What the demo runs. Copy it, change the endpoints, and serve it with: npm start -- --config DIR
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{type: IPAddress, value: 127.0.0.1}]
  listeners: [{name: http, protocol: HTTP, port: 0}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - backendRefs: [{group: quantum.mesh, kind: Service, name: shop}]
      timeouts: {request: 500ms}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: team-shop}
spec:
  endpoints: ["127.0.0.1:${servicePort}"]
  circuitBreaker: {maxConnections: 100000, maxPending: 100000, maxRequests: 100000}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: shop, owner: team-shop}
spec:
  target: {service: shop}
  mode: enforce
${shedding}`;
}
