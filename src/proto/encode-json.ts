import protobuf from "protobufjs";
import { protoRoot } from "./bundle.ts";
import { parseDuration } from "./duration.ts";
import { UNWRAPPED_IN_ANY, WRAPPER } from "./special-types.ts";
import { messageName } from "./type-url.ts";

/**
 * proto3 JSON -> wire bytes for the messages of the bundle, with the proto's own field names: what Envoy's
 * documentation prints can be written as an object literal. `Any` is `{"@type": url, ...fields}` (a well-known type in
 * an `Any` carries `value`), durations are `"1.5s"`, wrappers are bare values, bytes are base64.
 * A field the message does not have, or a value it cannot hold, throws with the path: a bug of the caller.
 * Equal input gives equal bytes: fields in number order, map keys sorted.
 */
export type JsonFields = { readonly [field: string]: unknown };

/** Bytes of the message that `typeUrl` (or a bare message name) names. */
export function encodeJson(typeUrl: string, json: JsonFields): Uint8Array {
  const type = protoRoot().lookupType(messageName(typeUrl));
  return type.encode(toMessage(type, json, type.name)).finish();
}

function toMessage(type: protobuf.Type, json: unknown, path: string): protobuf.Message {
  switch (type.fullName) {
    case ".google.protobuf.Any":
      return packAny(type, json, path);
    case ".google.protobuf.Duration":
      return type.create(parseDuration(json, path));
    case ".google.protobuf.Struct":
      return type.create({ fields: structFields(asObject(json, path), path) });
    case ".google.protobuf.Value":
      return type.create(structValue(json, path));
    case ".google.protobuf.ListValue":
      return type.create({
        values: asArray(json, path).map((v, i) => structValue(v, `${path}[${i}]`)),
      });
  }
  if (WRAPPER.test(type.fullName))
    return type.create({ value: scalar(type.fields.value, json, path) });
  return plainMessage(type, asObject(json, path), path);
}

function plainMessage(type: protobuf.Type, json: JsonFields, path: string): protobuf.Message {
  const out: Record<string, unknown> = {};
  const chosen = new Map<string, string>();
  for (const [key, value] of Object.entries(json)) {
    if (value === undefined || value === null) continue;
    const field = type.fields[key];
    if (field === undefined)
      throw new Error(`${path}.${key}: ${type.fullName.slice(1)} has no such field`);
    const oneof = field.partOf?.name;
    if (oneof !== undefined && chosen.has(oneof)) {
      throw new Error(
        `${path}.${key}: ${chosen.get(oneof)} is set too; only one of ${oneof} may be`,
      );
    }
    if (oneof !== undefined) chosen.set(oneof, key);
    out[key] = fieldValue(field, value, `${path}.${key}`);
  }
  return type.create(out);
}

function fieldValue(field: protobuf.Field, value: unknown, path: string): unknown {
  if (field instanceof protobuf.MapField) {
    const entries = Object.entries(asObject(value, path)).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([k, v]) => [k, oneValue(field, v, `${path}[${k}]`)]));
  }
  if (field.repeated)
    return asArray(value, path).map((v, i) => oneValue(field, v, `${path}[${i}]`));
  return oneValue(field, value, path);
}

function oneValue(field: protobuf.Field, value: unknown, path: string): unknown {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Type) return toMessage(resolvedType, value, path);
  if (resolvedType instanceof protobuf.Enum) return enumNumber(resolvedType, value, path);
  return scalar(field, value, path);
}

function enumNumber(type: protobuf.Enum, value: unknown, path: string): number {
  if (typeof value === "number" && type.valuesById[value] !== undefined) return value;
  const number = typeof value === "string" ? type.values[value] : undefined;
  if (number === undefined)
    throw new Error(`${path}: ${String(value)} is not a ${type.fullName.slice(1)}`);
  return number;
}

function scalar(field: protobuf.Field | undefined, value: unknown, path: string): unknown {
  const kind = field?.type ?? "";
  const wrong = () => new Error(`${path}: ${JSON.stringify(value)} is not a ${kind}`);
  if (kind === "string" || kind === "bool") {
    if (typeof value !== (kind === "bool" ? "boolean" : "string")) throw wrong();
    return value;
  }
  if (kind === "bytes") {
    if (value instanceof Uint8Array) return value;
    if (typeof value !== "string") throw wrong();
    return Buffer.from(value, "base64");
  }
  return numberValue(kind, value, wrong);
}

const WHOLE_RANGE: Readonly<Record<string, readonly [number, number]>> = {
  uint32: [0, 0xffffffff],
  fixed32: [0, 0xffffffff],
  int32: [-0x80000000, 0x7fffffff],
  sint32: [-0x80000000, 0x7fffffff],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function numberValue(kind: string, value: unknown, wrong: () => Error): number {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number)) throw wrong();
  const range = WHOLE_RANGE[kind];
  if (range !== undefined && (!Number.isInteger(number) || number < range[0] || number > range[1]))
    throw wrong();
  return number;
}

function packAny(any: protobuf.Type, json: unknown, path: string): protobuf.Message {
  const { "@type": typeUrl, ...fields } = asObject(json, path);
  if (typeof typeUrl !== "string") throw new Error(`${path}: an Any needs "@type"`);
  const type = protoRoot().lookupType(messageName(typeUrl));
  const content = UNWRAPPED_IN_ANY.test(type.fullName) ? fields.value : fields;
  return any.create({
    type_url: typeUrl,
    value: type.encode(toMessage(type, content, `${path}<${type.name}>`)).finish(),
  });
}

function structFields(json: JsonFields, path: string): Record<string, unknown> {
  const entries = Object.entries(json).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, structValue(v, `${path}.${k}`)]));
}

function structValue(json: unknown, path: string): Record<string, unknown> {
  if (json === null) return { nullValue: 0 };
  if (typeof json === "number") return { numberValue: json };
  if (typeof json === "string") return { stringValue: json };
  if (typeof json === "boolean") return { boolValue: json };
  if (Array.isArray(json)) {
    return { listValue: { values: json.map((v, i) => structValue(v, `${path}[${i}]`)) } };
  }
  return { structValue: { fields: structFields(asObject(json, path), path) } };
}

function asObject(json: unknown, path: string): JsonFields {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new Error(`${path}: expected an object, got ${JSON.stringify(json)}`);
  }
  return json as JsonFields;
}

function asArray(json: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(json))
    throw new Error(`${path}: expected a list, got ${JSON.stringify(json)}`);
  return json;
}
