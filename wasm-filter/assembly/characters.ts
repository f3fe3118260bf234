/** Which bytes an operator's names and values may hold. */
const MAX_LABEL: u32 = 63;

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
export function isHeaderName(ptr: usize, size: u32): bool {
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

export function isPrintable(ptr: usize, size: u32, least: u32): bool {
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(ptr + i);
    if (byte < least || byte === 0x7f) return false;
  }
  return true;
}

/** Starts with a slash; no blank, control character, query or fragment. */
export function isPath(ptr: usize, size: u32): bool {
  if (size === 0 || load<u8>(ptr) !== 0x2f || !isPrintable(ptr, size, 0x21)) return false;
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(ptr + i);
    if (byte === 0x3f || byte === 0x23) return false;
  }
  return true;
}
