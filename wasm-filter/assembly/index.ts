import { allocate, resetArena } from "./memory.ts";
import { configure, dropPolicy, noteCreated, tick } from "./root.ts";
import { onEnd, onRequest, onResponse } from "./stream.ts";

/**
 * The callbacks the host may call. One that is not exported is never called and costs nothing; each costs about 0.45 us a
 * stream. The end of a stream is `proxy_on_done` alone: the host calls it for every stream, also where access logs do not
 * reach the filter, and for root contexts too.
 */
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: u32): usize {
  return allocate(size);
}

export function proxy_on_context_create(context: u32, parent: u32): void {
  noteCreated(context, parent);
}

export function proxy_on_configure(context: u32, size: u32): bool {
  resetArena();
  return configure(context, size);
}

export function proxy_on_tick(context: u32): void {
  resetArena();
  tick(context);
}

export function proxy_on_request_headers(context: u32, _headerCount: u32, _isEnd: u32): u32 {
  resetArena();
  return onRequest(context);
}

export function proxy_on_response_headers(context: u32, headerCount: u32, _isEnd: u32): u32 {
  resetArena();
  onResponse(context, headerCount);
  return 0;
}

export function proxy_on_done(context: u32): bool {
  onEnd(context);
  dropPolicy(context);
  return true;
}
