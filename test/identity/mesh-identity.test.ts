import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readMeshIdentities } from "../../src/identity/mesh-identity.ts";
import { Identities, TRUST_DOMAIN } from "../support/identities.ts";

const EDGE = { kind: "role", role: { role: "gateway", name: "edge" } } as const;
const CHECKOUT = { kind: "role", role: { role: "sidecar", service: "checkout" } } as const;

describe("the certificates of roles", () => {
  let identities: Identities;
  const options = { trustDomain: TRUST_DOMAIN, now: new Date() };

  beforeEach(() => {
    identities = new Identities();
    for (const holder of [EDGE, CHECKOUT]) identities.authority.issue(holder, new Date(), 30);
  });

  it("are read for 2 roles, with whom to believe", () => {
    const { byRole, faults } = readMeshIdentities(identities.folder, options);

    assert.deepEqual([...byRole.keys()], ["gateway/edge", "sidecar/checkout"]);
    assert.deepEqual(byRole.get("gateway/edge"), {
      trustDomain: TRUST_DOMAIN,
      ...identities.holding("roles/gateway/edge"),
    });
    assert.deepEqual(faults, []);
  });

  for (const [what, spoil, says] of [
    [
      "its folder is gone",
      (folder: string) => rmSync(folder, { recursive: true }),
      "cannot be read (ENOENT)",
    ],
    [
      "its key is another's",
      (folder: string) => writeFileSync(join(folder, "tls.key"), identities.sign(EDGE).privateKey),
      "the key is not of this certificate",
    ],
    [
      "it is of another role",
      (folder: string) =>
        writeFileSync(
          join(folder, "tls.crt"),
          identities.holding("roles/sidecar/checkout").certificate,
        ),
      "is the certificate of spiffe://shop.example/sidecar/checkout",
    ],
    [
      "it has ended",
      (folder: string) => {
        const { certificate, privateKey } = identities.sign(EDGE, { from: -2, to: -1 });
        writeFileSync(join(folder, "tls.crt"), certificate);
        writeFileSync(join(folder, "tls.key"), privateKey);
      },
      "the certificate ended on",
    ],
  ] as const) {
    it(`leave the one before in force when ${what}, with 1 sentence`, () => {
      const last = readMeshIdentities(identities.folder, options);
      const folder = join(identities.folder, "roles/gateway/edge");
      spoil(folder);

      const { byRole, faults } = readMeshIdentities(identities.folder, { ...options, last });

      assert.deepEqual(byRole, last.byRole);
      assert.equal(faults.length, 1);
      assert.ok(faults[0]?.startsWith(`${folder}: ${says}`), faults[0]);
    });
  }
});
