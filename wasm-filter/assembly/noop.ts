/** The least a filter can be: what the benchmark holds the real one against. It passes every request and looks at nothing. */
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: u32): usize {
  return 0;
}

export function proxy_on_request_headers(_context: u32, _headerCount: u32, _isEnd: u32): u32 {
  return 0;
}
