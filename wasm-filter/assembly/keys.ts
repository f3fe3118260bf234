import { equals } from "./memory.ts";
import { make } from "./reading.ts";
import { Key, Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * The headers a request is judged by, each once: the common ones, which every scope looks at, and those the matches of a
 * scope name, collected with the configuration. So a request's headers are fetched in one call and gone over once.
 */
export let commonKeys: Key | null = null;
let commonSizes: u64 = 0;

export const TIER: Key = common("x-qmesh-tier");
export const REQUEST_ID: Key = common("x-request-id");
export const ATTEMPT: Key = common("x-envoy-attempt-count");
export const TIMEOUT: Key = common("x-envoy-expected-rq-timeout-ms");
export const GRPC_TIMEOUT: Key = common("grpc-timeout");
export const CONTENT_TYPE: Key = common("content-type");

function common(name: usize): Key {
  const key = changetype<Key>(heap.alloc(offsetof<Key>()));
  const span = constant(name);
  key.name = span.ptr;
  key.nameSize = span.size;
  key.next = commonKeys;
  commonKeys = key;
  commonSizes |= sizeBit(span.size);
  return key;
}

/** Most headers of a request have a length that no key has: one bit tells. */
function sizeBit(nameSize: u32): u64 {
  return (<u64>1) << (<u64>(nameSize & 63));
}

export function mayBeKey(scope: Scope, nameSize: u32): bool {
  return ((commonSizes | scope.keySizes) & sizeBit(nameSize)) !== 0;
}

function keyAmong(keys: Key | null, name: usize, nameSize: u32): Key | null {
  let key: Key | null = keys;
  while (key !== null && !equals(key.name, key.nameSize, name, nameSize)) key = key.next;
  return key;
}

export function findKey(scope: Scope, name: usize, nameSize: u32): Key | null {
  return keyAmong(scope.keys, name, nameSize) || keyAmong(commonKeys, name, nameSize);
}

/** The key of that header, made in the scope if nothing looked at it before. */
export function keyOf(scope: Scope, name: usize, nameSize: u32): Key {
  const known = findKey(scope, name, nameSize);
  if (known !== null) return known;
  const added = changetype<Key>(make(offsetof<Key>()));
  added.name = name;
  added.nameSize = nameSize;
  added.next = scope.keys;
  scope.keys = added;
  scope.keySizes |= sizeBit(nameSize);
  return added;
}
