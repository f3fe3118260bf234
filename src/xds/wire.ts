import type { XdsResponse } from "./machine.ts";
import type { VersionedResource } from "./snapshot.ts";

/**
 * Response bytes, written by hand because resources are encoded already: a response is a few tagged strings around
 * tagged resource entries, and an entry is built once per resource, however many streams and responses carry it.
 * Field numbers are those of envoy.service.discovery.v3 and google.protobuf.Any.
 */
const DISCOVERY_RESPONSE = { versionInfo: 1, resources: 2, typeUrl: 4, nonce: 5 };
const DELTA_RESPONSE = { systemVersionInfo: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6 };
const RESOURCE = { version: 1, resource: 2, name: 3 };
const ANY = { typeUrl: 1, value: 2 };

const LENGTH_DELIMITED = 2;

const sotwEntries = new WeakMap<VersionedResource, Buffer>();
const deltaEntries = new WeakMap<VersionedResource, Buffer>();

/** `DiscoveryResponse` */
export function encodeSotw(response: XdsResponse): Buffer {
  const { version, resources, typeUrl, nonce } = response;
  return Buffer.concat([
    tagText(DISCOVERY_RESPONSE.versionInfo, version),
    ...resources.map((resource) => entryOf(sotwEntries, resource, toSotwEntry)),
    tagText(DISCOVERY_RESPONSE.typeUrl, typeUrl),
    tagText(DISCOVERY_RESPONSE.nonce, nonce),
  ]);
}

/** `DeltaDiscoveryResponse` */
export function encodeDelta(response: XdsResponse): Buffer {
  const { version, resources, typeUrl, nonce, removed } = response;
  return Buffer.concat([
    tagText(DELTA_RESPONSE.systemVersionInfo, version),
    ...resources.map((resource) => entryOf(deltaEntries, resource, toDeltaEntry)),
    tagText(DELTA_RESPONSE.typeUrl, typeUrl),
    tagText(DELTA_RESPONSE.nonce, nonce),
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
