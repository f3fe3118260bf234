import { equals, Span } from "./memory.ts";
import { broken, into, make, readBytes, readU32, refuse, refuseNumber, wire } from "./reading.ts";
import { HeaderMatch, Key, Match, Scope } from "./records.ts";
import { constant, cutText } from "./text.ts";

/**
 * Decodes one match and collects the headers its scope has to look at, each once: a request then reads exactly those. A
 * match that asks for nothing would hold every request and is refused.
 */
const MAX_HEADERS: u32 = 8;
const MAX_LABEL: u32 = 63;
const PATH_PREFIX: u32 = 1;
const PATH: Span = constant(":path");

/** Null if it is refused. */
export function decodeMatch(scope: Scope): Match | null {
  if (!readBytes("")) return null;
  const match = changetype<Match>(make(offsetof<Match>()));
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!decodeHeader(scope, match)) return null;
    } else if (wire.field === 2) {
      if (!decodePath(scope, match)) return null;
    }
  }
  if (wire.isBroken) {
    broken();
    return null;
  }
  if (match.headers === null && match.pathKey === null) {
    refuse("", " asks for nothing");
    return null;
  }
  wire.leave(outerEnd);
  return match;
}

function decodeHeader(scope: Scope, match: Match): bool {
  if (match.headerCount === MAX_HEADERS) return refuse("headers", " are more than 8");
  const mark = into("headers", match.headerCount);
  if (!readBytes("")) return false;
  const header = changetype<HeaderMatch>(make(offsetof<HeaderMatch>()));
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readBytes("name")) return false;
      header.name = wire.ptr;
      header.nameSize = wire.size;
    } else if (wire.field === 2) {
      if (!readBytes("value")) return false;
      header.value = wire.ptr;
      header.valueSize = wire.size;
    }
  }
  if (wire.isBroken) return broken();
  if (!isHeaderName(header.name, header.nameSize)) {
    return refuse("name", " is not a lower-case header name");
  }
  if (!isPrintable(header.value, header.valueSize, 0x20)) {
    return refuse("value", " is not a header value");
  }
  wire.leave(outerEnd);
  header.key = keyOf(scope, header.name, header.nameSize);
  header.next = match.headers;
  match.headers = header;
  match.headerCount++;
  cutText(mark);
  return true;
}

function decodePath(scope: Scope, match: Match): bool {
  const mark = into("path", -1);
  if (!readBytes("")) return false;
  const outerEnd = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) {
      if (!readU32("type")) return false;
      if (wire.value > PATH_PREFIX)
        return refuseNumber("type", wire.value, " is above ", PATH_PREFIX);
      match.pathType = <u32>wire.value;
    } else if (wire.field === 2) {
      if (!readBytes("value")) return false;
      match.path = wire.ptr;
      match.pathSize = wire.size;
    }
  }
  if (wire.isBroken) return broken();
  if (!isPath(match.path, match.pathSize)) return refuse("value", " is not a path");
  // A prefix goes by elements, so its trailing slash says nothing; "/" becomes the empty prefix, which holds all.
  if (match.pathType === PATH_PREFIX && load<u8>(match.path + match.pathSize - 1) === 0x2f) {
    match.pathSize--;
  }
  wire.leave(outerEnd);
  match.pathKey = keyOf(scope, PATH.ptr, PATH.size);
  cutText(mark);
  return true;
}

function keyOf(scope: Scope, name: usize, nameSize: u32): Key {
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
  scope.keyCount++;
  return added;
}

/** Lower-case letters, digits and inner hyphens, 1..63 bytes (RFC 1123). */
export function isDnsLabel(ptr: usize, size: u32): bool {
  if (size === 0 || size > MAX_LABEL) return false;
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(ptr + i);
    const isHyphen = byte === 0x2d;
    if (isHyphen ? i === 0 || i === size - 1 : !isLowerOrDigit(byte)) return false;
  }
  return true;
}

function isLowerOrDigit(byte: u32): bool {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

/** Token characters of RFC 9110 without capitals; a colon may lead, for `:method` and the like. */
function isHeaderName(ptr: usize, size: u32): bool {
  const start: u32 = size > 1 && load<u8>(ptr) === 0x3a ? 1 : 0;
  for (let i: u32 = start; i < size; i++) {
    const byte = load<u8>(ptr + i);
    if (!isLowerOrDigit(byte) && !isTokenMark(byte)) return false;
  }
  return size > 0;
}

/** One of ! # $ % & ' * + - . ^ _ ` | ~ */
function isTokenMark(byte: u32): bool {
  if (byte === 0x21 || (byte >= 0x23 && byte <= 0x27)) return true;
  if (byte === 0x2a || byte === 0x2b || byte === 0x2d || byte === 0x2e) return true;
  return (byte >= 0x5e && byte <= 0x60) || byte === 0x7c || byte === 0x7e;
}

function isPrintable(ptr: usize, size: u32, least: u32): bool {
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(ptr + i);
    if (byte < least || byte === 0x7f) return false;
  }
  return true;
}

/** Starts with a slash; no blank, control character, query or fragment. */
function isPath(ptr: usize, size: u32): bool {
  if (size === 0 || load<u8>(ptr) !== 0x2f || !isPrintable(ptr, size, 0x21)) return false;
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(ptr + i);
    if (byte === 0x3f || byte === 0x23) return false;
  }
  return true;
}
