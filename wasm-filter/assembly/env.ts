/**
 * The host functions of proxy-wasm ABI 0.2.1 that the filter uses. The file's name is the import's module (`env`), so no
 * decorator is needed; the compiler drops what is not called. Only `host.ts` imports this file. Every function
 * answers a status: 0 is Ok, 1 NotFound, 6 InvalidMemoryAccess (the guest refused to allocate).
 */
export declare function proxy_log(level: u32, text: usize, size: u32): u32;
export declare function proxy_get_property(
  path: usize,
  size: u32,
  outPtr: usize,
  outSize: usize,
): u32;
export declare function proxy_get_buffer_bytes(
  kind: u32,
  start: u32,
  size: u32,
  outPtr: usize,
  outSize: usize,
): u32;
export declare function proxy_get_header_map_pairs(map: u32, outPtr: usize, outSize: usize): u32;
export declare function proxy_get_header_map_value(
  map: u32,
  key: usize,
  keySize: u32,
  outPtr: usize,
  outSize: usize,
): u32;
export declare function proxy_replace_header_map_value(
  map: u32,
  key: usize,
  keySize: u32,
  value: usize,
  valueSize: u32,
): u32;
export declare function proxy_send_local_response(
  status: u32,
  details: usize,
  detailsSize: u32,
  body: usize,
  bodySize: u32,
  headers: usize,
  headersSize: u32,
  grpcStatus: i32,
): u32;
export declare function proxy_set_tick_period_milliseconds(periodMs: u32): u32;
export declare function proxy_define_metric(
  kind: u32,
  name: usize,
  nameSize: u32,
  outId: usize,
): u32;
export declare function proxy_increment_metric(id: u32, by: i64): u32;
export declare function proxy_record_metric(id: u32, value: u64): u32;
export declare function proxy_get_metric(id: u32, out: usize): u32;
