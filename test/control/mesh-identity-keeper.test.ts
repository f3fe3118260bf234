import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { MeshIdentityKeeper } from "../../src/control/mesh-identity-keeper.ts";
import { Identities, TRUST_DOMAIN } from "../support/identities.ts";

const EDGE = { kind: "role", role: { role: "gateway", name: "edge" } } as const;

interface Change {
  readonly isNew: boolean;
  readonly faults: readonly string[];
}

describe("the keeper of the mesh's certificates", () => {
  let identities: Identities;
  let keeper: MeshIdentityKeeper;
  let told: ((change: Change) => void) | undefined;

  const nextChange = () =>
    new Promise<Change>((resolve) => {
      told = resolve;
    });

  beforeEach(() => {
    identities = new Identities();
    keeper = new MeshIdentityKeeper({
      ...{ certs: identities.folder, trustDomain: TRUST_DOMAIN, now: () => new Date() },
      onChange: (change) => told?.(change),
    });
  });
  afterEach(() => {
    keeper.stop();
  });

  it("finds the first certificate of a role that had no folder, and the one after it", async () => {
    for (let i = 0; i < 2; i++) {
      const change = nextChange();
      identities.authority.issue(EDGE, new Date(), 30);

      assert.deepEqual(await change, { isNew: true, faults: [] });
      const { certificate } = identities.holding("roles/gateway/edge");
      assert.equal(keeper.of("gateway/edge")?.certificate, certificate);
    }
  });

  it("keeps what it has when the whole folder goes, with 1 sentence", async () => {
    const first = nextChange();
    identities.authority.issue(EDGE, new Date(), 30);
    await first;
    const change = nextChange();
    rmSync(join(identities.folder, "roles"), { recursive: true });

    const { isNew, faults } = await change;
    assert.deepEqual([isNew, faults.length], [false, 1]);
    assert.notEqual(keeper.of("gateway/edge"), undefined);
  });
});
