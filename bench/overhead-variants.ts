import { fileURLToPath } from "node:url";
import { ADAPTIVE_DOCS, adaptiveConcurrency } from "../src/cli/demo/peers.ts";
import { filterWasmPath } from "../src/cli/package-files.ts";
import { buildFilter } from "../src/resources/filter-config.ts";
import type { JsonObject } from "../src/resources/resource.ts";
import { type RustPeer, rustFilter } from "./rust-peer.ts";

/** The filters whose cost is compared. None sheds here: limits are far above what is in flight. */
export interface Variant {
  readonly name: string;
  readonly filters: readonly JsonObject[];
  /** Refuses requests at 400 in flight, so that its cost there is another thing. */
  readonly isBounded?: boolean;
}

export const NAMES = {
  none: "no filter",
  noop: "no-op wasm",
  ours: "quantum mesh",
  reporting: "quantum mesh, load report",
  rust: "Rust, proxy-wasm 0.2.5",
  native: "adaptive_concurrency",
} as const;

const LIMIT = 1000;

export function variants(rust: RustPeer): readonly Variant[] {
  return [
    { name: NAMES.none, filters: [] },
    { name: NAMES.noop, filters: [noop()] },
    { name: NAMES.ours, filters: [ours("bench")] },
    { name: NAMES.reporting, filters: [ours("reporting", { load_report: true })] },
    ...(rust.ok ? [{ name: NAMES.rust, filters: [rustFilter(rust.path, LIMIT)] }] : []),
    { name: NAMES.native, filters: [adaptiveConcurrency(ADAPTIVE_DOCS)], isBounded: true },
  ];
}

/** `scope`: counts by itself. */
function ours(scope: string, answer: JsonObject = {}): JsonObject {
  const header = (value: string) => [{ headers: [{ name: "x-criticality", value }] }];
  const config = {
    format: 1,
    min_reader: 1,
    scopes: [
      {
        name: scope,
        mode: "ENFORCE",
        tiers: [
          { name: "critical", matches: header("critical") },
          { name: "default" },
          { name: "sheddable", matches: header("sheddable") },
        ],
        unmatched: 1,
        limit: { min: LIMIT, max: LIMIT, initial: LIMIT },
        answer: { status: 429, retry_after: true, ...answer },
      },
    ],
  };
  const { name, body } = buildFilter(config, filterWasmPath);
  return { name, typed_config: body.typed_config as JsonObject };
}

function noop(): JsonObject {
  const filename = fileURLToPath(new URL("../../build/noop.wasm", import.meta.url));
  return {
    name: "noop",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: "noop",
        root_id: "noop",
        vm_config: {
          vm_id: "noop",
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename } },
        },
      },
    },
  };
}
