/** Documents of intent that many real-Envoy tests begin with; to be joined by `---` on a line. */

/** The gateway `edge` on a free port of loopback. */
export const EDGE_GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{value: 127.0.0.1}]
  listeners: [{name: http, protocol: HTTP, port: 0}]`;

/** All requests to the gateway go to one service. */
export function routeTo(service: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${service}}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: ${service}}]}]}`;
}

/** 99 % of the requests to a service are answered below 500. */
export function sloOf(service: string): string {
  const metric = (count: string) => `{metricSource: {type: mesh, spec: {count: ${count}}}}`;
  const [good, total] = [metric('"code < 500"'), metric('"true"')];
  return `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${service}}
spec:
  service: ${service}
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{target: 0.99}]
  indicator: {spec: {ratioMetric: {counter: true, good: ${good}, total: ${total}}}}`;
}
