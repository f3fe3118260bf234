import { found, getRequestHeader, getRequestHeaders, Status } from "./host.ts";
import { equals } from "./memory.ts";
import { HeaderMatch, Key, Match, Scope, Tier } from "./records.ts";

/**
 * Which tier a request is of: the first tier any of whose matches holds, else the scope's `unmatched`. A match holds if all
 * its headers have exactly their value and the path, without its query, is the one asked for or lies below it by path
 * elements. A scope that looks at one header costs one host call, at several one call for all headers, at none no call.
 * Header names the request repeats count with their first value, on both ways alike.
 */
const PATH_PREFIX: u32 = 1;
const SLASH: u32 = 0x2f;
const QUERY: u32 = 0x3f;
const FRAGMENT: u32 = 0x23;

/** Reads the headers the scope looks at into its keys; false if the host did not give them. */
export function readKeys(scope: Scope): bool {
  const first = scope.keys;
  if (first === null) return true;
  if (scope.keyCount === 1) {
    const status = getRequestHeader(first.name, first.nameSize);
    first.isPresent = status === Status.Ok;
    first.value = found.ptr;
    first.valueSize = found.size;
    return status !== Status.InvalidMemoryAccess;
  }
  let key: Key | null = first;
  while (key !== null) {
    key.isPresent = false;
    key = key.next;
  }
  return getRequestHeaders() === Status.Ok && readPairs(scope, found.ptr, found.size);
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
    keep(scope, at, nameSize, valueSize);
    at += nameSize + valueSize + 2;
  }
  return true;
}

function keep(scope: Scope, name: usize, nameSize: u32, valueSize: u32): void {
  let key: Key | null = scope.keys;
  while (key !== null) {
    if (!key.isPresent && equals(key.name, key.nameSize, name, nameSize)) {
      key.isPresent = true;
      key.value = name + nameSize + 1;
      key.valueSize = valueSize;
      return;
    }
    key = key.next;
  }
}

export function isExempt(scope: Scope): bool {
  return isAnyHeld(scope.exempt);
}

export function tierOf(scope: Scope): Tier | null {
  let tier: Tier | null = scope.tiers;
  while (tier !== null) {
    if (isAnyHeld(tier.matches)) return tier;
    tier = tier.next;
  }
  return scope.unmatchedTier;
}

function isAnyHeld(matches: Match | null): bool {
  let match: Match | null = matches;
  while (match !== null) {
    if (isHeld(match)) return true;
    match = match.next;
  }
  return false;
}

function isHeld(match: Match): bool {
  let header: HeaderMatch | null = match.headers;
  while (header !== null) {
    const key = header.key;
    if (key === null || !key.isPresent) return false;
    if (!equals(key.value, key.valueSize, header.value, header.valueSize)) return false;
    header = header.next;
  }
  const path = match.pathKey;
  return path === null || (path.isPresent && isPathHeld(match, path.value, path.valueSize));
}

function isPathHeld(match: Match, path: usize, size: u32): bool {
  if (size < match.pathSize || memory.compare(path, match.path, match.pathSize) !== 0) return false;
  if (size === match.pathSize) return true;
  const after = load<u8>(path + match.pathSize);
  if (after === QUERY || after === FRAGMENT) return true;
  return match.pathType === PATH_PREFIX && after === SLASH;
}
