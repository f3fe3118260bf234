import { TYPE_URL_PREFIX } from "../proto/type-url.ts";
import type { Heartbeat, XdsResponse } from "./discovery.ts";
import type { ResourceError, VersionedResource } from "./snapshot.ts";

/**
 * Response bytes, written by hand because resources are encoded already: a response is a few tagged strings around
 * tagged resource entries. An entry is built once per resource, and everything but the nonce once for all streams that make
 * the same step.
 * Field numbers are those of envoy.service.discovery.v3, google.protobuf and google.rpc.
 */
const DISCOVERY_RESPONSE = { versionInfo: 1, resources: 2, typeUrl: 4, nonce: 5, errors: 7 };
const DELTA_RESPONSE = { version: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6, errors: 9 };
const RESOURCE = { version: 1, resource: 2, name: 3, ttl: 6 };
const RESOURCE_ERROR = { name: 1, detail: 2 };
const RESOURCE_NAME = { name: 1 };
const STATUS = { code: 1, message: 2 };
const DURATION = { seconds: 1, nanos: 2 };
const ANY = { typeUrl: 1, value: 2 };

const RESOURCE_TYPE = `${TYPE_URL_PREFIX}envoy.service.discovery.v3.Resource`;

/** `google.rpc.Code` of every resource error: the name is the operator's mistake, and no retry mends it. */
const INVALID_ARGUMENT = 3;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Everything of a response but its nonce, which each stream counts for itself. */
interface Body {
  readonly version: string;
  readonly removed: readonly string[];
  readonly hasTtl: boolean;
  readonly bytes: Buffer;
}

type Bodies = WeakMap<readonly VersionedResource[], Body>;
type Entries = WeakMap<VersionedResource, Buffer>;

// By the array of resources: streams that make the same step have the same array (`difference.ts`).
const sotwBodies: Bodies = new WeakMap();
const deltaBodies: Bodies = new WeakMap();

const sotwEntries: Entries = new WeakMap();
const sotwTtlEntries: Entries = new WeakMap();
const deltaEntries: Entries = new WeakMap();
const deltaTtlEntries: Entries = new WeakMap();

/** `DiscoveryResponse` */
export function encodeSotw(response: XdsResponse): Buffer {
  const body = bodyOf(sotwBodies, response, toSotwBody);
  return withNonce(body, DISCOVERY_RESPONSE.nonce, response.nonce);
}

function toSotwBody(response: XdsResponse): Buffer {
  const { version, resources, typeUrl, heartbeats, errors, hasTtl } = response;
  const field = DISCOVERY_RESPONSE.resources;
  return Buffer.concat([
    tagText(DISCOVERY_RESPONSE.versionInfo, version),
    ...resources.map((resource) =>
      hasTtl && resource.ttlMs !== undefined
        ? entryOf(sotwTtlEntries, resource, (one) => toWrappedEntry(resourceParts(one, true)))
        : entryOf(sotwEntries, resource, (one) => tag(field, anyParts(one))),
    ),
    ...heartbeats.map((heartbeat) => toWrappedEntry(heartbeatParts(heartbeat))),
    tagText(DISCOVERY_RESPONSE.typeUrl, typeUrl),
    ...errors.map((error) => tag(DISCOVERY_RESPONSE.errors, errorParts(error))),
  ]);
}

/** `DeltaDiscoveryResponse` */
export function encodeDelta(response: XdsResponse): Buffer {
  const body = bodyOf(deltaBodies, response, toDeltaBody);
  return withNonce(body, DELTA_RESPONSE.nonce, response.nonce);
}

function toDeltaBody(response: XdsResponse): Buffer {
  const { version, resources, typeUrl, removed, heartbeats, errors, hasTtl } = response;
  const entries = hasTtl ? deltaTtlEntries : deltaEntries;
  const field = DELTA_RESPONSE.resources;
  return Buffer.concat([
    tagText(DELTA_RESPONSE.version, version),
    ...resources.map((resource) =>
      entryOf(entries, resource, (one) => tag(field, resourceParts(one, hasTtl))),
    ),
    ...heartbeats.map((heartbeat) => tag(field, heartbeatParts(heartbeat))),
    tagText(DELTA_RESPONSE.typeUrl, typeUrl),
    ...removed.map((name) => tagText(DELTA_RESPONSE.removed, name)),
    ...errors.map((error) => tag(DELTA_RESPONSE.errors, errorParts(error))),
  ]);
}

/** State of the world has no room for names: the wrapper is itself packed as an `Any`. */
function toWrappedEntry(parts: readonly Uint8Array[]): Buffer {
  return tag(DISCOVERY_RESPONSE.resources, [
    tagText(ANY.typeUrl, RESOURCE_TYPE),
    tag(ANY.value, parts),
  ]);
}

function resourceParts(resource: VersionedResource, hasTtl: boolean): Buffer[] {
  const { name, version, ttlMs } = resource;
  return [
    tagText(RESOURCE.version, version),
    tag(RESOURCE.resource, anyParts(resource)),
    tagText(RESOURCE.name, name),
    ...(hasTtl && ttlMs !== undefined ? [tagTtl(ttlMs)] : []),
  ];
}

function heartbeatParts({ name, version, ttlMs }: Heartbeat): Buffer[] {
  return [tagText(RESOURCE.version, version), tagText(RESOURCE.name, name), tagTtl(ttlMs)];
}

function errorParts({ name, message }: ResourceError): Buffer[] {
  return [
    tag(RESOURCE_ERROR.name, [tagText(RESOURCE_NAME.name, name)]),
    tag(RESOURCE_ERROR.detail, [
      tagNumber(STATUS.code, INVALID_ARGUMENT),
      tagText(STATUS.message, message),
    ]),
  ];
}

function tagTtl(ttlMs: number): Buffer {
  const seconds = Math.floor(ttlMs / 1000);
  const nanos = Math.round((ttlMs - seconds * 1000) * 1e6);
  return tag(RESOURCE.ttl, [
    tagNumber(DURATION.seconds, seconds),
    tagNumber(DURATION.nanos, nanos),
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
  const { resources, version, removed, hasTtl, heartbeats, errors } = response;
  const known = bodies.get(resources);
  const isOwn = heartbeats.length + errors.length > 0;
  const isSame =
    known?.version === version && known.hasTtl === hasTtl && isSameList(known.removed, removed);
  if (known !== undefined && isSame && !isOwn) return known.bytes;
  const bytes = build(response);
  // No resources may be an array of any type's: nothing to gain, and nothing to mix up.
  if (resources.length > 0 && !isOwn) bodies.set(resources, { version, removed, hasTtl, bytes });
  return bytes;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function entryOf(
  entries: Entries,
  resource: VersionedResource,
  build: (resource: VersionedResource) => Buffer,
): Buffer {
  const known = entries.get(resource);
  if (known !== undefined) return known;
  const entry = build(resource);
  entries.set(resource, entry);
  return entry;
}

/** The only bytes of a response that are each stream's own, so they are written without a detour; a few ASCII digits. */
function withNonce(body: Buffer, field: number, nonce: string): Buffer {
  const message = Buffer.allocUnsafe(body.length + 2 + nonce.length);
  body.copy(message);
  message[body.length] = (field << 3) | LENGTH_DELIMITED;
  message[body.length + 1] = nonce.length;
  message.write(nonce, body.length + 2, "latin1");
  return message;
}

function tagText(field: number, text: string): Buffer {
  return tag(field, [Buffer.from(text, "utf8")]);
}

function tagNumber(field: number, value: number): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | VARINT), varint(value)]);
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
