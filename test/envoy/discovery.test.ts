import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Backend } from "../support/backend.ts";
import { EDGE_GATEWAY } from "../support/documents.ts";
import { envoyStat, listenerPort, Mesh, type RunningEnvoy, until } from "../support/mesh.ts";
import { ask } from "../support/traffic.ts";

function intent(dnsPort: number): string {
  const services = {
    named: `dns: "localhost:${dnsPort}"`,
    filed: "versions: {v1: {file: endpoints/filed.yaml}}",
    nobody: "endpoints: []",
  };
  const documents = Object.entries(services).map(
    ([name, spec]) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge}]
  rules: [{matches: [{path: {value: /${name}}}], backendRefs: [{name: ${name}}]}]
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team}
spec: {${spec}}`,
  );
  return `
${EDGE_GATEWAY}
${documents.join("")}
`;
}

describe("endpoints on a real Envoy", () => {
  const backends: Backend[] = [];
  let mesh: Mesh;
  let envoy: RunningEnvoy;
  let port: number;

  const writeEndpoints = (list: readonly number[]) =>
    mesh.writeIntent(
      `endpoints: [${list.map((each) => `"127.0.0.1:${each}"`).join(", ")}]\n`,
      "endpoints/filed.yaml",
    );

  before(async () => {
    mesh = new Mesh();
    mkdirSync(join(mesh.folder, "endpoints"));
    for (const name of ["one", "two"]) backends.push(await Backend.start(name));
    writeEndpoints([backends[0]!.port]);
    mesh.writeIntent(intent(backends[1]!.port));
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1", { concurrency: 1 });
    port = await listenerPort(envoy, "edge_0");
  });
  after(async () => {
    await mesh?.stop();
    for (const backend of backends) backend.stop();
  });

  const body = async (path: string) => (await ask(port, { path })).body;

  it("come from DNS: localhost answers as two", async () => {
    assert.equal(await body("/named"), "two");
  });

  it("come from a file that is watched: from one to two with 0 changed clusters", async () => {
    assert.equal(await body("/filed"), "one");

    writeEndpoints([backends[1]!.port]);

    await until("two to answer", async () => (await body("/filed")) === "two");
    assert.equal(await envoyStat(envoy, "cluster_manager.cluster_modified"), 0);
  });

  it("stay as they were while the file holds something else", async () => {
    const before = await body("/filed");
    mesh.writeIntent('endpoints: ["nonsense"]\n', "endpoints/filed.yaml");
    const problems = await until("the problem to be shown", async () => {
      const response = await fetch(`http://127.0.0.1:${mesh.ports.http}/status`);
      const { intent } = (await response.json()) as { intent: { problems: { message: string }[] } };
      return intent.problems.length > 0 ? intent.problems : undefined;
    });

    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        'endpoints/filed.yaml:1 endpoints[0]: "nonsense" is not an IP address with a port such as 127.0.0.1:9001',
      ],
    );
    assert.equal(await body("/filed"), before);
  });

  it("may be none: the answer is 503, and Envoy does not wait for any", async () => {
    assert.equal((await ask(port, { path: "/nobody" })).status, "503");
    assert.equal(await envoyStat(envoy, "cluster.nobody.v1.membership_total"), 0);
  });
});
