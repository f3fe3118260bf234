/** Intent texts of the real-Envoy tests: one gateway `edge` on a free loopback port in front of one service. */
export interface ShopIntent {
  readonly endpoints: Readonly<Record<string, readonly number[]>>;
  readonly weights?: Readonly<Record<string, number>>;
  readonly limit?: { readonly min: number; readonly max: number; readonly initial: number };
  readonly mode?: "off" | "shadow" | "enforce";
  readonly requestTimeout?: string;
  /** Of the gateway's listener; absent: a free one. */
  readonly listen?: number;
}

export function shopIntent({
  endpoints,
  weights,
  limit,
  mode = "enforce",
  requestTimeout = "5s",
  listen = 0,
}: ShopIntent): string {
  const versions = Object.entries(endpoints).map(
    ([name, ports]) =>
      `    ${name}: {endpoints: [${ports.map((port) => `"127.0.0.1:${port}"`).join(", ")}]}`,
  );
  const { min, max, initial } = limit ?? { min: 4, max: 1000, initial: 16 };
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{type: IPAddress, value: 127.0.0.1}]
  listeners: [{name: http, protocol: HTTP, port: ${listen}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - backendRefs: [{group: quantum.mesh, kind: Service, name: shop}]
      timeouts: {request: ${requestTimeout}}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: team-shop}
spec:
  versions:
${versions.join("\n")}
${weights === undefined ? "" : `  weights: ${JSON.stringify(weights)}`}
  circuitBreaker: {maxConnections: 100000, maxPending: 100000, maxRequests: 100000}
---
apiVersion: quantum.mesh/v1
kind: Shedding
metadata: {name: shop, owner: team-shop}
spec:
  target: {service: shop}
  mode: ${mode}
  tiers:
    - {name: critical, matches: [{headers: [{name: x-criticality, value: critical}]}]}
    - {name: default}
    - {name: sheddable, matches: [{headers: [{name: x-criticality, value: sheddable}]}]}
  limit: {min: ${min}, max: ${max}, initial: ${initial}}
`;
}
