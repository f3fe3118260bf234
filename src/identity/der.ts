/**
 * The few forms of DER (ITU-T X.690) that a certificate is made of. Writing only: whatever is read is read by OpenSSL or
 * BoringSSL.
 */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 + octets.length, ...octets];
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts);
}

export function setOf(part: Uint8Array): Buffer {
  return tlv(0x31, part);
}

/** `2.5.29.17`; no arc above 2^31. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split(".").map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...arcs.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 + (rest % 128));
  }
  return octets;
}

/** Not negative, big-endian. */
export function integer(magnitude: Uint8Array): Buffer {
  // The fewest octets that say it, the highest bit being the sign.
  const start = magnitude.findIndex((octet) => octet !== 0);
  const digits = start < 0 ? Buffer.from([0]) : magnitude.subarray(start);
  const isHigh = ((digits[0] ?? 0) & 0x80) !== 0;
  return tlv(0x02, ...(isHigh ? [Buffer.from([0])] : []), digits);
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return tlv(0x03, Buffer.from([unusedBits]), content);
}

export function octetString(content: Uint8Array): Buffer {
  return tlv(0x04, content);
}

export function utf8String(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text));
}

export const TRUE = Buffer.from([0x01, 0x01, 0xff]);

/** RFC 5280: two digits of the year until 2049, four from then on. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "");
  return at.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2)))
    : tlv(0x18, Buffer.from(digits));
}
