import assert from "node:assert/strict";
import type { Shedding } from "../../src/policy/intent/shedding.ts";
import { scopesOf } from "../../src/resources/held-scope.ts";
import { shedding } from "../support/policy-set.ts";
import { MESH } from "./intents.ts";

const CALLER = { role: "sidecar", service: "checkout" } as const;
const CALLEE = { role: "sidecar", service: "rates" } as const;
const REPORTING = { status: 429, retryAfter: true, loadReport: true } as const;

/** The mesh with one Shedding of `rates`, which has a sidecar and is called by `checkout`. */
function withRates(fields: Partial<Shedding>) {
  const target = { kind: "service", name: "rates" } as const;
  return { ...MESH, sheddings: [shedding({ name: "rates", target, ...fields })] };
}

describe("scopes of a sidecar", () => {
  it("are outbound for 1 callee with a sidecar that reports its load, by its clusters, and limiting at the callee", () => {
    const set = withRates({ answer: REPORTING });
    const [caller, callee] = [CALLER, CALLEE].map((role) => scopesOf(set, role));

    assert.deepEqual(
      caller?.map(({ role, clusters }) => ({ role, clusters })),
      [{ role: "outbound", clusters: ["rates.v1"] }],
    );
    assert.deepEqual(
      callee?.map(({ role, clusters }) => ({ role, clusters })),
      [{ role: "limiting", clusters: ["rates_app"] }],
    );
  });

  it("are 0 for a callee with a sidecar that reports nothing or does not shed", () => {
    for (const fields of [{}, { answer: REPORTING, mode: "off" }] as const) {
      assert.deepEqual(scopesOf(withRates(fields), CALLER), []);
    }
  });

  it("are limiting for a callee without a sidecar, whatever it would report", () => {
    const target = { kind: "service", name: "audit" } as const;
    const set = { ...MESH, sheddings: [shedding({ name: "audit", target, answer: REPORTING })] };

    assert.deepEqual(
      scopesOf(set, CALLER).map(({ role }) => role),
      ["limiting"],
    );
  });
});
