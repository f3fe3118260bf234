import assert from "node:assert/strict";
import { ControlLoop } from "../../src/control/loop.ts";
import { EvidenceStore } from "../../src/evidence/store.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { decodeJson } from "../../src/proto/decode-json.ts";
import { EXTENSION_CONFIG_TYPE } from "../../src/proto/type-url.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { gateway, httpRoute, policySet, service, shedding } from "../support/policy-set.ts";

const INTENT = policySet({
  gateways: [gateway(), gateway({ name: "inner" })],
  httpRoutes: [httpRoute(), httpRoute({ name: "second", parents: [{ gateway: "inner" }] })],
  services: [service()],
  sheddings: [shedding()],
});

/** A loop with real evidence in simulated time, and what it published: `edge 40`, `edge -` without memory. */
class Rig {
  readonly published: string[] = [];
  readonly #store = new EvidenceStore();
  readonly #loop = new ControlLoop({
    filterWasm: "/f.wasm",
    evidence: () => this.#store.snapshot(this.#nowMs),
    sink: { setSnapshot: (key, snapshot) => this.#note(key, snapshot) },
  });
  #nowMs = 1_000_000;
  #answered = 0;

  constructor() {
    this.#store.expect("edge-1", "gateway/edge", this.#nowMs);
  }

  setIntent(policySet: PolicySet = INTENT): void {
    this.#loop.setIntent({ policySet, problems: [], files: [], current: true });
  }

  connect(node: string): void {
    this.#store.expect(node, "gateway/edge", this.#nowMs);
    this.#loop.join("gateway/edge");
  }

  /** So many seconds of an Envoy that answers 100 requests a second. */
  run(seconds: number, limit: number): void {
    for (let i = 0; i < seconds; i++) {
      this.#nowMs += 1000;
      this.#answered += 100;
      const values = { limit, baseline_us: 20_000, completed: this.#answered };
      this.#store.observe(
        "edge-1",
        this.#nowMs,
        Object.entries(values).map(([what, value]) => ({
          name: `wasmcustom.qmesh.checkout.${what}`,
          kind: what === "completed" ? ("counter" as const) : ("gauge" as const),
          value,
        })),
      );
      this.#loop.tick();
    }
  }

  #note(key: string, snapshot: Snapshot): void {
    const [filter] = snapshot.types.get(EXTENSION_CONFIG_TYPE)!.resources.values();
    const body = decodeJson(EXTENSION_CONFIG_TYPE, filter!.value) as {
      typed_config: { config: { configuration: { value: string } } };
    };
    const bytes = Buffer.from(body.typed_config.config.configuration.value, "base64");
    const config = decodeJson("qmesh.filter.v1.FilterConfig", bytes) as unknown as {
      scopes: { memory?: { limit: number } }[];
    };
    this.published.push(`${key.slice(8)} ${config.scopes[0]?.memory?.limit ?? "-"}`);
  }
}

describe("ControlLoop", () => {
  it("publishes every gateway once for an intent, without memory while nothing is known", () => {
    const rig = new Rig();

    rig.setIntent();
    rig.setIntent();

    assert.deepEqual(rig.published, ["edge -", "inner -"]);
  });

  it("publishes what an Envoy found once in 30 s, and only its own gateway", () => {
    const rig = new Rig();
    rig.setIntent();

    rig.run(29, 40);
    assert.deepEqual(rig.published.slice(2), []);
    rig.run(60, 40);
    assert.deepEqual(rig.published.slice(2), ["edge 40"]);
  });

  it("publishes nothing in 5 minutes of a limit that swings within 25 %", () => {
    const rig = new Rig();
    rig.setIntent();
    rig.run(30, 40);
    rig.published.length = 0;

    for (let i = 0; i < 150; i++) rig.run(2, i % 2 === 0 ? 49 : 33);

    assert.deepEqual(rig.published, []);
  });

  it("publishes at most 10 times in 5 minutes of a limit that doubles and halves each second", () => {
    const rig = new Rig();
    rig.setIntent();
    rig.run(30, 40);
    rig.published.length = 0;

    for (let i = 0; i < 300; i++) rig.run(1, i % 2 === 0 ? 80 : 20);

    assert.ok(rig.published.length >= 5 && rig.published.length <= 10, rig.published.join());
  });

  it("has limit 64 ready when an Envoy connects 5 s after the others found it", () => {
    const rig = new Rig();
    rig.setIntent();
    rig.run(5, 64);

    rig.connect("edge-2");
    rig.connect("edge-3");

    assert.deepEqual(rig.published.slice(2), ["edge 64"]);
  });

  it("keeps the memory over a change of intent, and drops that of a Shedding that is gone", () => {
    const rig = new Rig();
    rig.setIntent();
    rig.run(5, 64);
    rig.published.length = 0;

    rig.setIntent({ ...INTENT, digest: "1" });
    rig.setIntent({ ...INTENT, digest: "2", sheddings: [shedding({ name: "other" })] });
    rig.setIntent({ ...INTENT, digest: "3" });

    assert.deepEqual(
      rig.published.filter((line) => line.startsWith("edge")),
      ["edge 64", "edge -", "edge 64"],
    );
  });
});
