import { found, getRequestHeaders, Status } from "./host.ts";
import { commonKeys, findKey, mayBeKey } from "./keys.ts";
import { Key, Scope } from "./records.ts";

/**
 * The headers of the present request: one host call for all of them, one walk over them, and only what the scope looks at
 * is kept. A header the request repeats counts with its first value.
 */

/** Fills the keys; false if the host did not give the headers. */
export function readKeys(scope: Scope): bool {
  forget(scope.keys);
  forget(commonKeys);
  return getRequestHeaders() === Status.Ok && readPairs(scope, found.ptr, found.size);
}

function forget(keys: Key | null): void {
  let key: Key | null = keys;
  while (key !== null) {
    key.isPresent = false;
    key.valueSize = 0;
    key = key.next;
  }
}

/** Pairs as the host lays them out: their number, two sizes for each, then name and value of each, every one ended by a 0. */
function readPairs(scope: Scope, ptr: usize, size: u32): bool {
  if (size < 4) return false;
  const count = load<u32>(ptr);
  if (count > size / 8) return false;
  const end: usize = ptr + size;
  let at: usize = ptr + 4 + count * 8;
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(ptr + 4 + i * 8);
    const valueSize = load<u32>(ptr + 8 + i * 8);
    if (<u64>at + nameSize + valueSize + 2 > <u64>end) return false;
    if (mayBeKey(scope, nameSize)) keep(scope, at, nameSize, valueSize);
    at += nameSize + valueSize + 2;
  }
  return true;
}

function keep(scope: Scope, name: usize, nameSize: u32, valueSize: u32): void {
  const key = findKey(scope, name, nameSize);
  if (key === null || key.isPresent) return;
  key.isPresent = true;
  key.value = name + nameSize + 1;
  key.valueSize = valueSize;
}
