import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import {
  Authority,
  AuthorityFault,
  listHoldings,
  splitBundle,
} from "../../src/identity/authority.ts";
import { createCertificate } from "../../src/identity/certificate.ts";
import { readHolding } from "../../src/identity/holder-folder.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const EDGE_1 = {
  kind: "node",
  role: { role: "gateway", name: "edge" },
  nodeId: "edge-1",
} as const;

describe("the mesh's own authority", () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = temporaryFolder();
    folder = join(parent, "certs");
  });

  function leaf(at: string): X509Certificate {
    return new X509Certificate(readHolding(at).certificate);
  }

  function bundle(at: string): X509Certificate[] {
    return splitBundle(readFileSync(join(at, "ca.crt"), "utf8")).map(
      (each) => new X509Certificate(each),
    );
  }

  it("issues for 90 days from 5 minutes ago, with 1 URI that names node and role", () => {
    const at = Authority.create(folder, "shop.example", NOW).issue(EDGE_1, NOW, 90);

    const [root] = bundle(at);
    const node = leaf(at);
    assert.equal(node.subjectAltName, "URI:spiffe://shop.example/gateway/edge/node/edge-1");
    assert.equal(new Date(node.validFrom).toISOString(), "2026-03-01T11:55:00.000Z");
    assert.equal(new Date(node.validTo).toISOString(), "2026-05-30T12:00:00.000Z");
    assert.deepEqual([root?.ca, node.ca], [true, false]);
    assert.ok(
      root?.verify(root.publicKey) && node.checkIssued(root) && node.verify(root.publicKey),
    );
  });

  it("gives a node its certificate and its role one of 1 URI, and the second node of the role no other", () => {
    const authority = Authority.create(folder, "shop.example", NOW);
    authority.issueNode(EDGE_1, NOW, 90);
    const shared = readHolding(join(folder, "roles/gateway/edge"));
    authority.issueNode({ ...EDGE_1, nodeId: "edge-2" }, NOW, 90);

    const { subjectAltName } = new X509Certificate(shared.certificate);
    assert.equal(subjectAltName, "URI:spiffe://shop.example/gateway/edge");
    assert.deepEqual(readHolding(join(folder, "roles/gateway/edge")), shared);
  });

  it("writes its 2 keys for the owner alone, and no key of its own into a holder's folder", () => {
    const at = Authority.create(folder, "shop.example", NOW).issue(EDGE_1, NOW, 90);

    for (const file of [join(folder, "ca.key"), join(at, "tls.key")]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
    }
    assert.equal(statSync(at).mode & 0o777, 0o700);
    assert.throws(() => statSync(join(at, "ca.key")));
  });

  it("does not make a second authority over the first, nor give one id to 2 roles", () => {
    const authority = Authority.create(folder, "shop.example", NOW);
    authority.issue(EDGE_1, NOW, 90);

    assert.throws(() => Authority.create(folder, "other.example", NOW), AuthorityFault);
    const other = { ...EDGE_1, role: { role: "sidecar", service: "checkout" } } as const;
    assert.throws(() => authority.issue(other, NOW, 90), /an id is for one node/);
  });

  it("says what is missing where there is no key", () => {
    Authority.create(folder, "shop.example", NOW);
    rmSync(join(folder, "ca.key"));

    assert.throws(() => Authority.open(folder), /ca\.key: cannot be read \(ENOENT\)/);
    assert.throws(() => Authority.open(parent), /qmesh certs init/);
  });

  it("renews all 3 certificates with new keys, makes the one of the role that had none, and their holders stay", () => {
    const authority = Authority.create(folder, "shop.example", NOW);
    authority.issue({ kind: "control-plane" }, NOW, 90);
    authority.issue({ kind: "operator", name: "alice" }, NOW, 90);
    const before = leaf(authority.issue(EDGE_1, NOW, 90));

    const later = new Date("2026-05-01T12:00:00Z");
    const renewed = Authority.open(folder).rotate(later, 90);
    assert.equal(renewed.length, 4);
    assert.ok(renewed.includes(join(folder, "roles/gateway/edge")));

    const after = leaf(join(folder, "nodes/edge-1"));
    assert.equal(after.subjectAltName, before.subjectAltName);
    assert.notEqual(
      after.publicKey.export({ type: "spki", format: "pem" }),
      before.publicKey.export({ type: "spki", format: "pem" }),
    );
    assert.deepEqual(
      listHoldings(folder).map(({ notAfter }) => notAfter.toISOString()),
      Array(4).fill("2026-07-30T12:00:00.000Z"),
    );
  });

  it("keeps the authority before beside a new one, and no third", () => {
    const at = Authority.create(folder, "shop.example", NOW).issue(EDGE_1, NOW, 90);
    const [first] = bundle(folder);

    Authority.open(folder).renew(new Date("2026-04-01T00:00:00Z"));
    const [second, kept, ...none] = bundle(at);
    assert.deepEqual([kept?.fingerprint256, none.length], [first?.fingerprint256, 0]);
    assert.ok(first && leaf(at).verify(first.publicKey), "nobody got a new certificate yet");

    Authority.open(folder).rotate(NOW, 90);
    assert.ok(second && leaf(at).checkIssued(second) && leaf(at).verify(second.publicKey));

    Authority.open(folder).renew(new Date("2026-05-01T00:00:00Z"));
    assert.deepEqual(
      bundle(at).map(({ fingerprint256 }) => fingerprint256 === first?.fingerprint256),
      [false, false],
    );
  });

  it("writes years from 2050 on with 4 digits", () => {
    const { certificate } = createCertificate({
      ...{ commonName: "late", uri: "spiffe://shop.example" },
      ...{ notBefore: NOW, notAfter: new Date("2060-01-02T03:04:05Z") },
    });

    assert.equal(new X509Certificate(certificate).validTo, "Jan  2 03:04:05 2060 GMT");
  });
});
