import { equals } from "./memory.ts";
import { HeaderMatch, Match, Scope, Tier } from "./records.ts";

/**
 * Which tier a request is of: the first tier any of whose matches holds, else the scope's `unmatched`. A match holds if all
 * its headers have exactly their value and the path, without its query, is the one asked for or lies below it by path
 * elements.
 */
const PATH_PREFIX: u32 = 1;
const SLASH: u32 = 0x2f;
const QUERY: u32 = 0x3f;
const FRAGMENT: u32 = 0x23;

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
  if (size < match.pathSize || !equals(path, match.pathSize, match.path, match.pathSize))
    return false;
  if (size === match.pathSize) return true;
  const after = load<u8>(path + match.pathSize);
  if (after === QUERY || after === FRAGMENT) return true;
  return match.pathType === PATH_PREFIX && after === SLASH;
}
