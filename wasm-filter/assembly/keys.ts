import { equals, Span } from "./memory.ts";
import { make } from "./reading.ts";
import { Key, Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * The headers a scope looks at, each once: those its matches name, and those every request is judged by. They are collected
 * with the configuration, so that a request's headers are fetched in one call and gone over once.
 */
const TIER: Span = constant("x-qmesh-tier");
const REQUEST_ID: Span = constant("x-request-id");
const ATTEMPT: Span = constant("x-envoy-attempt-count");
const TIMEOUT: Span = constant("x-envoy-expected-rq-timeout-ms");
const GRPC_TIMEOUT: Span = constant("grpc-timeout");
const CONTENT_TYPE: Span = constant("content-type");

export function addCommonKeys(scope: Scope): void {
  scope.tierKey = keyOf(scope, TIER.ptr, TIER.size);
  scope.requestIdKey = keyOf(scope, REQUEST_ID.ptr, REQUEST_ID.size);
  scope.attemptKey = keyOf(scope, ATTEMPT.ptr, ATTEMPT.size);
  scope.timeoutKey = keyOf(scope, TIMEOUT.ptr, TIMEOUT.size);
  scope.grpcTimeoutKey = keyOf(scope, GRPC_TIMEOUT.ptr, GRPC_TIMEOUT.size);
  scope.contentTypeKey = keyOf(scope, CONTENT_TYPE.ptr, CONTENT_TYPE.size);
}

/** Most headers of a request have a length that no key has: one bit tells. */
export function sizeBit(nameSize: u32): u64 {
  return (<u64>1) << (<u64>(nameSize & 63));
}

/** The key of that header in the scope, made if nothing looked at it before. */
export function keyOf(scope: Scope, name: usize, nameSize: u32): Key {
  let key: Key | null = scope.keys;
  while (key !== null) {
    if (equals(key.name, key.nameSize, name, nameSize)) return key;
    key = key.next;
  }
  const added = changetype<Key>(make(offsetof<Key>()));
  added.name = name;
  added.nameSize = nameSize;
  added.next = scope.keys;
  scope.keys = added;
  scope.keySizes |= sizeBit(nameSize);
  return added;
}
