/** Numbers as callers write them in headers, in milliseconds where they are times. What is malformed counts as absent: 0. */
const MAX_DIGITS: u32 = 10;

/** Digits only, at most 10; else 0. */
export function parseWhole(ptr: usize, size: u32): f64 {
  if (size > MAX_DIGITS) return 0;
  let value: f64 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const digit = <u32>load<u8>(ptr + i) - 0x30;
    if (digit > 9) return 0;
    value = value * 10 + <f64>digit;
  }
  return value;
}

/** gRPC over HTTP/2: digits and one of the units H M S m u n. */
export function parseGrpcTimeoutMs(ptr: usize, size: u32): f64 {
  if (size < 2) return 0;
  return parseWhole(ptr, size - 1) * unitMs(load<u8>(ptr + size - 1));
}

function unitMs(unit: u32): f64 {
  switch (unit) {
    case 0x48: // H
      return 3600000;
    case 0x4d: // M
      return 60000;
    case 0x53: // S
      return 1000;
    case 0x6d: // m
      return 1;
    case 0x75: // u
      return 0.001;
    case 0x6e: // n
      return 0.000001;
    default:
      return 0;
  }
}
