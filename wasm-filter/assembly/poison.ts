import {
  proxy_on_request_headers as onRequestHeaders,
  proxy_abi_version_0_2_1,
  proxy_on_configure,
  proxy_on_context_create,
  proxy_on_done,
  proxy_on_memory_allocate,
  proxy_on_response_headers,
  proxy_on_tick,
} from "./index.ts";
import { GRPC_TIMEOUT } from "./keys.ts";
import { equals, Span } from "./memory.ts";
import { constant } from "./text.ts";

/**
 * The filter with a bug, for the tests of what a trap costs: a request with `grpc-timeout: poison` traps at the worst moment,
 * when it has been counted in. In everything else it is `index.ts`; the product's binary has none of this.
 */
export {
  proxy_abi_version_0_2_1,
  proxy_on_configure,
  proxy_on_context_create,
  proxy_on_done,
  proxy_on_memory_allocate,
  proxy_on_response_headers,
  proxy_on_tick,
};

const POISON: Span = constant("poison");

export function proxy_on_request_headers(context: u32, headerCount: u32, isEnd: u32): u32 {
  const action = onRequestHeaders(context, headerCount, isEnd);
  if (equals(GRPC_TIMEOUT.value, GRPC_TIMEOUT.valueSize, POISON.ptr, POISON.size)) unreachable();
  return action;
}
