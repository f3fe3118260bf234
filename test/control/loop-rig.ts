import { CapacityKeeper } from "../../src/control/capacity-keeper.ts";
import { ControlLoop } from "../../src/control/loop.ts";
import { EvidenceStore } from "../../src/evidence/store.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { decodeJson } from "../../src/proto/decode-json.ts";
import { EXTENSION_CONFIG_TYPE } from "../../src/proto/type-url.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { gateway, httpRoute, policySet, service, shedding } from "../support/policy-set.ts";

export const INTENT = policySet({
  gateways: [gateway(), gateway({ name: "inner" })],
  httpRoutes: [httpRoute(), httpRoute({ name: "second", parents: [{ gateway: "inner" }] })],
  services: [service()],
  sheddings: [shedding()],
});

/** A loop with real evidence in simulated time, and what it published: `edge 40`, `edge -` without memory. */
export class LoopRig {
  readonly published: string[] = [];
  readonly #store = new EvidenceStore();
  readonly #loop: ControlLoop;
  readonly #snapshots = new Map<string, Snapshot>();
  /** Of the filter's configuration, in the order they were published. */
  readonly versions: string[] = [];
  #nowMs = 1_000_000;
  #answered = 0;

  constructor(capacity = new CapacityKeeper({ pushed: new Map(), onPushed: () => undefined })) {
    this.#loop = new ControlLoop({
      capacity,
      filterWasm: "/f.wasm",
      evidence: () => this.#store.snapshot(this.#nowMs),
      sink: {
        setSnapshot: (key, snapshot) => this.#note(key, snapshot),
        getSnapshot: (key) => this.#snapshots.get(key),
        canaries: () => [],
        deleteSnapshot: () => undefined,
        regroup: () => undefined,
      },
    });
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
    this.#snapshots.set(key, snapshot);
    const filter = snapshot.types.get(EXTENSION_CONFIG_TYPE)!.resources.get("qmesh.shedding");
    this.versions.push(filter!.version);
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
