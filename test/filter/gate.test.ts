import assert from "node:assert/strict";
import { FILTER_BYTES } from "../support/wasm-host/filter-module.ts";
import { reachable, readWasmBinary } from "../support/wasm-host/wasm-binary.ts";

const MAX_BYTES = 24 * 1024;
const PTR = "i32";
/** What Envoy 1.40 links, with its types: another one fails the load. */
const ALLOWED_IMPORTS: Readonly<Record<string, string>> = {
  "env.proxy_log": `(i32 ${PTR} i32) -> (i32)`,
  "env.proxy_get_property": `(${PTR} i32 ${PTR} ${PTR}) -> (i32)`,
  "env.proxy_get_buffer_bytes": `(i32 i32 i32 ${PTR} ${PTR}) -> (i32)`,
  "env.proxy_replace_header_map_value": `(i32 ${PTR} i32 ${PTR} i32) -> (i32)`,
  "env.proxy_get_header_map_value": `(i32 ${PTR} i32 ${PTR} ${PTR}) -> (i32)`,
  "env.proxy_get_header_map_pairs": `(i32 ${PTR} ${PTR}) -> (i32)`,
  "env.proxy_send_local_response": `(i32 ${PTR} i32 ${PTR} i32 ${PTR} i32 i32) -> (i32)`,
  "env.proxy_set_tick_period_milliseconds": "(i32) -> (i32)",
  "env.proxy_define_metric": `(i32 ${PTR} i32 ${PTR}) -> (i32)`,
  "env.proxy_increment_metric": "(i32 i64) -> (i32)",
  "env.proxy_record_metric": "(i32 i64) -> (i32)",
  "env.proxy_get_metric": `(i32 ${PTR}) -> (i32)`,
  "wasi_snapshot_preview1.clock_time_get": `(i32 i64 ${PTR}) -> (i32)`,
};
const EXPORTS = [
  "_initialize",
  "memory",
  "proxy_abi_version_0_2_1",
  "proxy_on_configure",
  "proxy_on_context_create",
  "proxy_on_done",
  "proxy_on_memory_allocate",
  "proxy_on_request_headers",
  "proxy_on_response_headers",
  "proxy_on_tick",
];
const HOT = [
  "proxy_on_context_create",
  "proxy_on_memory_allocate",
  "proxy_on_request_headers",
  "proxy_on_response_headers",
  "proxy_on_done",
  "proxy_on_tick",
];

describe("filter binary", () => {
  const binary = readWasmBinary(FILTER_BYTES);

  function growsMemory(name: string): boolean {
    const start = binary.exports.get(name);
    assert.ok(start !== undefined, `${name} is not exported`);
    return [...reachable(binary, start)].some((index) => binary.functions[index]?.hasMemoryGrow);
  }

  it("is at most 24 KiB", () => {
    assert.ok(FILTER_BYTES.length <= MAX_BYTES, `${FILTER_BYTES.length} bytes`);
  });

  it("imports only what Envoy 1.40 links, with the same types", () => {
    for (const { name, type } of binary.imports) assert.equal(type, ALLOWED_IMPORTS[name], name);
    assert.ok(binary.imports.length > 5);
  });

  it("exports the callbacks it uses and no other: each costs 0.45 us a stream", () => {
    assert.deepEqual([...binary.exportNames].sort(), EXPORTS);
  });

  it("has no start section, from which a host call would end Envoy", () => {
    assert.equal(binary.hasStart, false);
  });

  it("makes no host call from _initialize", () => {
    const start = binary.exports.get("_initialize")!;
    const called = [...reachable(binary, start)].filter((index) => index < binary.imports.length);
    assert.deepEqual(called, []);
  });

  for (const name of HOT) {
    it(`cannot allocate from ${name}`, () => {
      assert.equal(growsMemory(name), false);
    });
  }

  it("finds the allocator where there is one, from proxy_on_configure", () => {
    assert.equal(growsMemory("proxy_on_configure"), true);
  });
});
