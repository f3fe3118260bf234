import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { errorObjective } from "../error-objective.ts";

/** A service on loopback in this process, of whose answers a share is 500. */
export interface Backend {
  readonly port: number;
  /** Unix time of the newest request, ms. */
  lastMs(): number;
  stop(): void;
}

/** `draw`: in [0, 1), asked once a request. */
export async function startBackend(errors: number, draw: () => number): Promise<Backend> {
  let lastMs = 0;
  const server = createServer((_request, response) => {
    lastMs = Date.now();
    response.statusCode = draw() < errors ? 500 : 200;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    lastMs: () => lastMs,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A service of the demo's gateway at a path of its own, with an objective; `versions`: ports by name. */
export function documentsOf(name: string, versions: Readonly<Record<string, number>>): string {
  const endpoints = Object.entries(versions).map(
    ([version, port]) => `${version}: {endpoints: ["127.0.0.1:${port}"]}`,
  );
  return `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /${name}}}]
      backendRefs: [{group: quantum.mesh, kind: Service, name: ${name}}]
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: bench}
spec: {versions: {${endpoints.join(", ")}}}
---
${errorObjective(name, { owner: "bench", target: 0.99 })}`;
}
