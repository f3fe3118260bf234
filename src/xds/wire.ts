import type { XdsResponse } from "./machine.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * Response bytes, written by hand because resources are encoded already: a response is a few tagged strings around
 * tagged resource entries. An entry is built once per resource, and everything but the nonce once for all streams that make
 * the same step.
 * Field numbers are those of envoy.service.discovery.v3 and google.protobuf.Any.
 */
const DISCOVERY_RESPONSE = { versionInfo: 1, resources: 2, typeUrl: 4, nonce: 5 };
const DELTA_RESPONSE = { systemVersionInfo: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6 };
const RESOURCE = { version: 1, resource: 2, name: 3 };
const ANY = { typeUrl: 1, value: 2 };

const LENGTH_DELIMITED = 2;

/** Everything of a response but its nonce, which each stream counts for itself. */
interface Body {
  readonly version: string;
  readonly removed: readonly string[];
  readonly bytes: Buffer;
}

type Bodies = WeakMap<readonly VersionedResource[], Body>;

// By the array of resources: streams that make the same step have the same array (`difference.ts`).
const sotwBodies: Bodies = new WeakMap();
const deltaBodies: Bodies = new WeakMap();

const sotwEntries = new WeakMap<VersionedResource, Buffer>();
const deltaEntries = new WeakMap<VersionedResource, Buffer>();

/** `DiscoveryResponse` */
export function encodeSotw(response: XdsResponse): Buffer {
  return Buffer.concat([
    bodyOf(sotwBodies, response, toSotwBody),
    tagText(DISCOVERY_RESPONSE.nonce, response.nonce),
  ]);
}

function toSotwBody({ version, resources, typeUrl }: XdsResponse): Buffer {
  return Buffer.concat([
    tagText(DISCOVERY_RESPONSE.versionInfo, version),
    ...resources.map((resource) => entryOf(sotwEntries, resource, toSotwEntry)),
    tagText(DISCOVERY_RESPONSE.typeUrl, typeUrl),
  ]);
}

/** `DeltaDiscoveryResponse` */
export function encodeDelta(response: XdsResponse): Buffer {
  return Buffer.concat([
    bodyOf(deltaBodies, response, toDeltaBody),
    tagText(DELTA_RESPONSE.nonce, response.nonce),
  ]);
}

function toDeltaBody({ version, resources, typeUrl, removed }: XdsResponse): Buffer {
  return Buffer.concat([
    tagText(DELTA_RESPONSE.systemVersionInfo, version),
    ...resources.map((resource) => entryOf(deltaEntries, resource, toDeltaEntry)),
    tagText(DELTA_RESPONSE.typeUrl, typeUrl),
    ...removed.map((name) => tagText(DELTA_RESPONSE.removed, name)),
  ]);
}

function toSotwEntry(resource: VersionedResource): Buffer {
  return tag(DISCOVERY_RESPONSE.resources, anyParts(resource));
}

function toDeltaEntry(resource: VersionedResource): Buffer {
  return tag(DELTA_RESPONSE.resources, [
    tagText(RESOURCE.version, resource.version),
    tag(RESOURCE.resource, anyParts(resource)),
    tagText(RESOURCE.name, resource.name),
  ]);
}

function anyParts({ typeUrl, value }: VersionedResource): Uint8Array[] {
  return [tagText(ANY.typeUrl, typeUrl), tag(ANY.value, [value])];
}

function bodyOf(
  bodies: Bodies,
  response: XdsResponse,
  build: (response: XdsResponse) => Buffer,
): Buffer {
  const { resources, version, removed } = response;
  const known = bodies.get(resources);
  const isSame = known?.version === version && isSameList(known.removed, removed);
  if (known !== undefined && isSame) return known.bytes;
  const bytes = build(response);
  // No resources may be an array of any type's: nothing to gain, and nothing to mix up.
  if (resources.length > 0) bodies.set(resources, { version, removed, bytes });
  return bytes;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function entryOf(
  entries: WeakMap<VersionedResource, Buffer>,
  resource: VersionedResource,
  build: (resource: VersionedResource) => Buffer,
): Buffer {
  const known = entries.get(resource);
  if (known !== undefined) return known;
  const entry = build(resource);
  entries.set(resource, entry);
  return entry;
}

function tagText(field: number, text: string): Buffer {
  return tag(field, [Buffer.from(text, "utf8")]);
}

/** One length-delimited field; every field number here is below 16, so its tag is one byte. */
function tag(field: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.of((field << 3) | LENGTH_DELIMITED), varint(length), ...parts]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
