import { isHeaderName, isPath, isPrintable } from "./characters.ts";
import { keyOf } from "./keys.ts";
import { Span } from "./memory.ts";
import { broken, into, make, readBytes, readU32, refuse, refuseNumber, wire } from "./reading.ts";
import { HeaderMatch, Match, Scope } from "./records.ts";
import { constant, cutText } from "./text.ts";

/**
 * Decodes one match and collects the headers its scope has to look at, each once: a request then reads exactly those. A
 * match that asks for nothing would hold every request and is refused.
 */
const MAX_HEADERS: u32 = 8;
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
