import assert from "node:assert/strict";
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { formatProblem } from "../../src/policy/format.ts";
import type { NodeRole } from "../../src/policy/node-role.ts";
import { parseIntent } from "../../src/policy/parse.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { buildResources } from "../../src/resources/build.ts";
import { type FileEnvoy, startFileEnvoy } from "../support/file-envoy.ts";
import { until } from "../support/mesh.ts";
import { filterWasm } from "../support/project-root.ts";
import { ask } from "../support/traffic.ts";

const METHODS = ["/shop.Cart/Add", "/shop.Cart/Get", "/shop.Stock/Get", "/shop.Stock/Drop"];

const same = (bytes: Buffer) => bytes;

/** A gRPC server that answers every call with its name, and the header x-added where it got one. */
class Shop {
  readonly server = new Server();
  calls = 0;
  port = 0;

  static async start(name: string): Promise<Shop> {
    const shop = new Shop();
    const methods = METHODS.map((path) => ({
      ...{ path, requestStream: false, responseStream: false },
      ...{ requestSerialize: same, requestDeserialize: same },
      ...{ responseSerialize: same, responseDeserialize: same },
    }));
    const definition = Object.fromEntries(methods.map((method) => [method.path, method]));
    const answer = (call: { metadata: Metadata }, done: (error: null, reply: Buffer) => void) => {
      shop.calls += 1;
      const added = call.metadata.get("x-added").join();
      done(null, Buffer.from(added === "" ? name : `${name} ${added}`));
    };
    shop.server.addService(definition, Object.fromEntries(METHODS.map((path) => [path, answer])));
    shop.port = await new Promise((resolve, reject) => {
      const done = (error: Error | null, port: number) => (error ? reject(error) : resolve(port));
      shop.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), done);
    });
    return shop;
  }
}

const RULES = `
    - matches: [{method: {service: shop.Cart, method: Add}}]
      backendRefs: [{name: v2}]
      filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-added, value: yes}]}}
        - {type: RequestMirror, requestMirror: {backendRef: {name: copy}}}
    - matches: [{method: {service: shop.Cart}}]
      backendRefs: [{name: v1, weight: 1}, {name: v2, weight: 0}]
    - matches: [{headers: [{name: x-next, value: "1"}], method: {service: shop.Cart}}]
      backendRefs: [{name: v2}]
    - matches: [{method: {type: RegularExpression, service: "shop[.]St.*", method: "G(et|ot)"}}]
      backendRefs: [{name: v2}]`;

function intent(ports: Readonly<Record<string, number>>): PolicySet {
  const services = Object.entries(ports).map(
    ([name, port]) => `
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {protocol: grpc, endpoints: ["127.0.0.1:${port}"]${name === "v1" ? SIDECAR : ""}}`,
  );
  const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{value: 127.0.0.1}]
  listeners: [{name: grpc, protocol: HTTP, port: 0}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}, {group: quantum.mesh, kind: Service, name: v1}]
  rules:${RULES}
${services.join("")}`;
  const parsed = parseIntent([{ file: "a.yaml", text }]);
  assert.ok(parsed.ok, parsed.problems.map(formatProblem).join("\n"));
  return parsed.value;
}

const SIDECAR = `, sidecar: {inbound: 0, app: "127.0.0.1:1", outbound: 0}`;

describe("a GRPCRoute on a real Envoy", () => {
  const shops = new Map<string, Shop>();
  const envoys: FileEnvoy[] = [];
  const clients: Client[] = [];
  let edge: number;

  before(async () => {
    for (const name of ["v1", "v2", "copy"]) shops.set(name, await Shop.start(name));
    const set = intent(Object.fromEntries([...shops].map(([name, { port }]) => [name, port])));
    const start = async (role: NodeRole, listener: string, authority: string) => {
      const envoy = await startFileEnvoy(buildResources(set, role, { filterWasm }));
      envoys.push(envoy);
      const port = await envoy.port(listener);
      const options = { "grpc.default_authority": authority };
      clients.push(new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options));
      return port;
    };
    edge = await start({ role: "gateway", name: "edge" }, "edge_0", "shop.example");
    await start({ role: "sidecar", service: "v1" }, "v1_outbound_0", "v1:50051");
  });
  after(async () => {
    for (const client of clients) client.close();
    for (const envoy of envoys) await envoy.stop();
    for (const { server } of shops.values()) server.forceShutdown();
  });

  function call(at: number, path: string, headers: Record<string, string> = {}): Promise<string> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, reply?: Buffer) =>
        resolve(error === null ? String(reply) : `status ${error.code}`);
      clients[at]!.makeUnaryRequest(path, same, same, Buffer.from("x"), metadata, done);
    });
  }

  for (const [at, where] of ["a gateway", "the outbound side of a sidecar"].entries()) {
    for (const [path, headers, answer] of [
      ["/shop.Cart/Add", {}, "v2 yes"],
      ["/shop.Cart/Add", { "x-next": "1" }, "v2 yes"],
      ["/shop.Cart/Get", {}, "v1"],
      ["/shop.Cart/Get", { "x-next": "1" }, "v2"],
      ["/shop.Stock/Get", {}, "v2"],
      ["/shop.Stock/Drop", {}, "status 12"],
      ["/other.Cart/Add", {}, "status 12"],
    ] as const) {
      it(`answers ${path} ${JSON.stringify(headers)} at ${where} with ${answer}`, async () => {
        assert.equal(await call(at, path, headers), answer);
      });
    }
  }

  it("sends a copy of 1 call of 2, the one whose rule says so", async () => {
    const copy = shops.get("copy")!;
    const before = copy.calls;
    await call(0, "/shop.Cart/Get");
    await call(0, "/shop.Cart/Add");

    await until("the copy", () => copy.calls > before);
    assert.equal(copy.calls, before + 1);
  });

  it("answers 404 to a request that is no gRPC call", async () => {
    assert.equal((await ask(edge, { path: "/shop.Cart/Add" })).status, "404");
  });
});
