import assert from "node:assert/strict";
import { Authority } from "../../src/identity/authority.ts";
import { Backend } from "../support/backend.ts";
import { EDGE_GATEWAY, routeTo } from "../support/documents.ts";
import { Identities } from "../support/identities.ts";
import {
  envoyStat,
  getJson,
  listenerPort,
  Mesh,
  type RunningEnvoy,
  until,
} from "../support/mesh.ts";

function intent(port: number): string {
  return `
${EDGE_GATEWAY}
---
${routeTo("shop")}
---
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: shop, owner: team}
spec: {endpoints: ["127.0.0.1:${port}"]}
---
apiVersion: quantum.mesh/v1
kind: RateLimit
metadata: {name: few, owner: team}
spec: {target: {route: shop}, rate: 1/h, burst: 2, per: [], scope: global, onUnavailable: deny}
`;
}

interface Status {
  readonly nodes: readonly {
    readonly id: string;
    readonly connected: boolean;
    readonly evidence?: unknown;
  }[];
}

describe("a real Envoy with certificates", () => {
  let identities: Identities;
  let mesh: Mesh;
  let backend: Backend;
  let envoy: RunningEnvoy;

  before(async () => {
    identities = new Identities();
    identities.authority.issue(identities.node("edge-1"), new Date(), 30);
    backend = await Backend.start("shop");
    mesh = new Mesh({ certs: identities.folder });
    mesh.writeIntent(intent(backend.port));
    await mesh.startServe();
    envoy = await mesh.startEnvoy("edge-1", { concurrency: 1 });
  });
  after(async () => {
    await mesh?.stop();
    backend?.stop();
  });

  const connections = () => envoyStat(envoy, "cluster.qmesh_xds.upstream_cx_total");
  const updates = () =>
    envoyStat(envoy, "cluster.qmesh_xds.client_ssl_socket_factory.ssl_context_update_by_sds");

  it("gets its configuration, reports, and asks for rate limits, all over TLS 1.3", async () => {
    const port = await listenerPort(envoy, "edge_0");
    const statuses: number[] = [];
    await until("its limit to be spent", async () => {
      statuses.push((await fetch(`http://127.0.0.1:${port}/`)).status);
      return statuses.at(-1) === 429;
    });

    // 503: no answer within the filter's time; that question may have taken one of the 2 tokens.
    assert.ok(
      statuses.every((status) => [200, 429, 503].includes(status)),
      statuses.join(),
    );
    assert.ok(statuses.filter((status) => status === 200).length <= 2, statuses.join());
    await until("its metrics to arrive", async () => {
      const text = await (await fetch(`http://127.0.0.1:${mesh.ports.http}/metrics`)).text();
      return /qmesh_evidence_age_seconds\{[^}]*edge-1/.test(text) || undefined;
    });
    for (const cluster of ["qmesh_xds", "qmesh_rate_limit"]) {
      assert.ok(((await envoyStat(envoy, `cluster.${cluster}.ssl.versions.TLSv1.3`)) ?? 0) >= 1);
    }
  });

  it("is shown 2 new authorities and certificates while its 1 connection stays", async () => {
    const before = await connections();
    for (let i = 0; i < 2; i++) {
      const told = (await updates()) ?? 0;
      Authority.open(identities.folder).renew(new Date());
      await until(
        "Envoy to have the authority",
        async () => ((await updates()) ?? 0) > told || undefined,
      );
      const known = (await updates()) ?? 0;
      Authority.open(identities.folder).rotate(new Date(), 30);
      await until(
        "Envoy to have the certificate",
        async () => ((await updates()) ?? 0) > known || undefined,
      );
    }

    assert.equal(await connections(), before);
    assert.equal(await envoyStat(envoy, "control_plane.connected_state"), 1);
  });

  it("finds a control plane again that knows nothing of the first authority", async () => {
    await mesh.killServe();
    await mesh.startServe();

    await until("edge-1 to be connected", async () => {
      const { nodes } = (await getJson(`http://127.0.0.1:${mesh.ports.http}/status`)) as Status;
      return nodes.some(({ id, connected }) => id === "edge-1" && connected) || undefined;
    });
  });
});
