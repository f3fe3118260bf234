/** Header maps as they cross the boundary: their number, the sizes of each name and value, then every text ended by a zero. */
export type Headers = readonly (readonly [name: string, value: string])[];

export function encodePairs(headers: Headers): Uint8Array {
  const parts = [u32(headers.length)];
  for (const [name, value] of headers)
    parts.push(u32(bytes(name).length), u32(bytes(value).length));
  for (const [name, value] of headers) parts.push(bytes(`${name}\0`), bytes(`${value}\0`));
  return Buffer.concat(parts);
}

/** Throws on anything Envoy would read wrongly. */
export function decodePairs(pairs: Uint8Array): Headers {
  const buffer = Buffer.from(pairs);
  const count = buffer.readUInt32LE(0);
  const headers: [string, string][] = [];
  let at = 4 + count * 8;
  const take = (size: number): string => {
    const text = buffer.toString("latin1", at, at + size);
    if (text.length !== size || buffer[at + size] !== 0)
      throw new Error("pairs are not ended by 0");
    at += size + 1;
    return text;
  };
  for (let i = 0; i < count; i++) {
    const name = take(buffer.readUInt32LE(4 + i * 8));
    headers.push([name, take(buffer.readUInt32LE(8 + i * 8))]);
  }
  if (at !== buffer.length) throw new Error(`pairs hold ${buffer.length - at} bytes too many`);
  return headers;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
