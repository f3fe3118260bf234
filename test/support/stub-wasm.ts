/**
 * The least module that Envoy takes for a proxy-wasm filter: an ABI marker and an allocator, no callback. Loads, and
 * leaves every request alone. By hand, so that tests of other things need no compiler.
 */
export function stubWasm(): Uint8Array {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // Types: (i32) -> i32 and () -> ().
    ...section(1, [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [
      ...[3, ...text("malloc"), 0, 0],
      ...[...text("proxy_abi_version_0_2_1"), 0, 1],
      ...[...text("memory"), 2, 0],
    ]),
    // Bodies: `i32.const 1024` and nothing.
    ...section(10, [2, 5, 0, 0x41, 0x80, 0x08, 0x0b, 2, 0, 0x0b]),
  ]);
}

function section(id: number, body: readonly number[]): number[] {
  return [id, body.length, ...body];
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}
