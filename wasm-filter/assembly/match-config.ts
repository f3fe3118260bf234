import { isHeaderName, isPath, isPrintable } from "./characters.ts";
import { keyOf } from "./keys.ts";
import { Span } from "./memory.ts";
import { begin, end, make, readBytes, readU32, refuse, refuseValue, wire } from "./reading.ts";
import { HeaderMatch, Match, Scope } from "./records.ts";
import { constant } from "./text.ts";

/**
 * Decodes one match and collects the headers its scope has to look at, each once: a request then reads exactly those. A
 * match that asks for nothing would hold every request and is refused.
 */
const MAX_MATCHES: u32 = 16;
const MAX_HEADERS: u32 = 8;
const PATH_PREFIX: u32 = 1;
const PATH: Span = constant(":path");

/** Null if it is refused. */
export function decodeMatch(scope: Scope, field: usize, index: u32): Match | null {
  if (!begin(field, index, MAX_MATCHES)) return null;
  const match = changetype<Match>(make(offsetof<Match>()));
  while (wire.next()) {
    if (wire.field === 1) decodeHeader(scope, match);
    else if (wire.field === 2) decodePath(scope, match);
  }
  if (match.headers === null && match.pathKey === null) refuse("", " asks for nothing");
  return end() ? match : null;
}

function decodeHeader(scope: Scope, match: Match): void {
  if (!begin("headers", match.headerCount, MAX_HEADERS)) return;
  const header = changetype<HeaderMatch>(make(offsetof<HeaderMatch>()));
  while (wire.next()) {
    if (wire.field === 1) {
      readBytes("name");
      header.name = wire.ptr;
      header.nameSize = wire.size;
    } else if (wire.field === 2) {
      readBytes("value");
      header.value = wire.ptr;
      header.valueSize = wire.size;
    }
  }
  if (!checkHeader(header)) return;
  header.key = keyOf(scope, header.name, header.nameSize);
  header.next = match.headers;
  match.headers = header;
  match.headerCount++;
  end();
}

function checkHeader(header: HeaderMatch): bool {
  if (!isHeaderName(header.name, header.nameSize)) {
    return refuse("name", " is not a lower-case header name");
  }
  return (
    isPrintable(header.value, header.valueSize, 0x20) || refuse("value", " is not a header value")
  );
}

function decodePath(scope: Scope, match: Match): void {
  if (!begin("path")) return;
  while (wire.next()) {
    if (wire.field === 1) {
      match.pathType = readU32("type");
    } else if (wire.field === 2) {
      readBytes("value");
      match.path = wire.ptr;
      match.pathSize = wire.size;
    }
  }
  if (!checkPath(match)) return;
  // A prefix goes by elements, so its trailing slash says nothing; "/" becomes the empty prefix, which holds all.
  if (match.pathType === PATH_PREFIX && load<u8>(match.path + match.pathSize - 1) === 0x2f) {
    match.pathSize--;
  }
  match.pathKey = keyOf(scope, PATH.ptr, PATH.size);
  end();
}

function checkPath(match: Match): bool {
  if (match.pathType > PATH_PREFIX) {
    return refuseValue("type", match.pathType, " is above ", PATH_PREFIX);
  }
  return isPath(match.path, match.pathSize) || refuse("value", " is not a path");
}
