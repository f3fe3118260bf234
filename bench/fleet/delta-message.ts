/**
 * The few fields of the delta protocol that a simulated Envoy reads and writes, without a codec: field numbers of
 * envoy.service.discovery.v3, all of them length-delimited and below 16.
 */
const REQUEST = { typeUrl: 2, subscribe: 3, known: 5, nonce: 6, error: 7 };
const RESPONSE = { version: 1, resources: 2, typeUrl: 4, nonce: 5 };
const RESOURCE = { version: 1, resource: 2, name: 3 };
const STATUS = { message: 2 };
const MAP_ENTRY = { key: 1, value: 2 };

export interface DeltaResponse {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: Buffer;
  readonly resources: readonly { readonly name: string; readonly version: string }[];
}

/** Resources are read only if asked for: they are not needed to acknowledge. */
export function readResponse(message: Buffer, withResources: boolean): DeltaResponse {
  let typeUrl = "";
  let version = "";
  let nonce = Buffer.alloc(0);
  const resources: { name: string; version: string }[] = [];
  forEachField(message, (field, value) => {
    if (field === RESPONSE.typeUrl) typeUrl = value.toString("latin1");
    else if (field === RESPONSE.version) version = value.toString("latin1");
    else if (field === RESPONSE.nonce) nonce = Buffer.from(value);
    else if (field === RESPONSE.resources && withResources) resources.push(readResource(value));
  });
  return { typeUrl, version, nonce, resources };
}

function readResource(message: Buffer): { name: string; version: string } {
  let name = "";
  let version = "";
  forEachField(message, (field, value) => {
    if (field === RESOURCE.name) name = value.toString("utf8");
    else if (field === RESOURCE.version) version = value.toString("latin1");
  });
  return { name, version };
}

export function acknowledge(typeUrl: string, nonce: Buffer): Buffer {
  return Buffer.concat([field(REQUEST.typeUrl, Buffer.from(typeUrl)), field(REQUEST.nonce, nonce)]);
}

export function refuse(typeUrl: string, nonce: Buffer, reason: string): Buffer {
  const status = field(STATUS.message, Buffer.from(reason));
  return Buffer.concat([acknowledge(typeUrl, nonce), field(REQUEST.error, status)]);
}

export function subscribe(typeUrl: string, name: string): Buffer {
  return Buffer.concat([
    field(REQUEST.typeUrl, Buffer.from(typeUrl)),
    field(REQUEST.subscribe, Buffer.from(name)),
  ]);
}

/** To be appended to a first request. */
export function knownVersions(versions: ReadonlyMap<string, string>): Buffer {
  return Buffer.concat(
    [...versions].map(([name, version]) =>
      field(
        REQUEST.known,
        Buffer.concat([
          field(MAP_ENTRY.key, Buffer.from(name)),
          field(MAP_ENTRY.value, Buffer.from(version)),
        ]),
      ),
    ),
  );
}

function field(number: number, value: Buffer): Buffer {
  const length: number[] = [];
  let rest = value.length;
  for (; rest > 0x7f; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length), value]);
}

function forEachField(message: Buffer, take: (field: number, value: Buffer) => void): void {
  let at = 0;
  while (at < message.length) {
    const tag = message.readUInt8(at);
    at += 1;
    if ((tag & 7) !== 2) throw new Error(`invariant: field ${tag >> 3} has wire type ${tag & 7}`);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at);
      at += 1;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    take(tag >> 3, message.subarray(at, at + length));
    at += length;
  }
}
