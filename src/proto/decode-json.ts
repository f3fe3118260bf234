import protobuf from "protobufjs";
import { protoRoot } from "./bundle.ts";
import { printDuration } from "./duration.ts";
import type { JsonFields } from "./encode-json.ts";
import { UNWRAPPED_IN_ANY, WRAPPER } from "./special-types.ts";
import { messageName } from "./type-url.ts";

/**
 * Wire bytes -> proto3 JSON, the inverse of `encode-json.ts`: fields that are absent on the wire stay absent. An `Any`
 * of a type outside the bundle stays `{"@type", "value": base64}`. Throws on bytes that do not parse.
 */
export function decodeJson(typeUrl: string, bytes: Uint8Array): JsonFields {
  const type = protoRoot().lookupType(messageName(typeUrl));
  return fromMessage(type, type.decode(bytes)) as JsonFields;
}

type Fields = Readonly<Record<string, unknown>>;

function fromMessage(type: protobuf.Type, message: unknown): unknown {
  const fields = message as Fields;
  switch (type.fullName) {
    case ".google.protobuf.Any":
      return unpackAny(fields.type_url as string, fields.value as Uint8Array);
    case ".google.protobuf.Duration":
      return printDuration(Number(fields.seconds ?? 0), Number(fields.nanos ?? 0));
    case ".google.protobuf.Struct":
      return structJson(fields.fields as Fields | undefined);
    case ".google.protobuf.Value":
      return valueJson(fields);
    case ".google.protobuf.ListValue":
      return (fields.values as unknown[]).map((value) => valueJson(value as Fields));
  }
  if (WRAPPER.test(type.fullName)) return scalarJson(fields.value);
  return objectJson(type, fields);
}

function objectJson(type: protobuf.Type, fields: Fields): JsonFields {
  const out: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    const value = fields[field.name];
    if (!Object.hasOwn(fields, field.name) || isEmptyList(value)) continue;
    out[field.name] = fieldJson(field, value);
  }
  return out;
}

/** protobufjs gives absent lists and maps as empty ones. */
function isEmptyList(value: unknown): boolean {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return false;
  return Array.isArray(value)
    ? value.length === 0
    : isPlain(value) && Object.keys(value).length === 0;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function fieldJson(field: protobuf.Field, value: unknown): unknown {
  if (field instanceof protobuf.MapField) {
    return Object.fromEntries(
      Object.entries(value as Fields).map(([key, item]) => [key, itemJson(field, item)]),
    );
  }
  if (field.repeated) return (value as unknown[]).map((item) => itemJson(field, item));
  return itemJson(field, value);
}

function itemJson(field: protobuf.Field, value: unknown): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return fromMessage(resolvedType, value);
  if (resolvedType instanceof protobuf.Enum) {
    return resolvedType.valuesById[value as number] ?? value;
  }
  return scalarJson(value);
}

function scalarJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "object") return Number(String(value));
  return value;
}

function unpackAny(typeUrl: string, value: Uint8Array): unknown {
  const type = protoRoot().lookup(messageName(typeUrl), [protobuf.Type]) as protobuf.Type | null;
  if (type === null) return { "@type": typeUrl, value: Buffer.from(value).toString("base64") };
  const content = fromMessage(type, type.decode(value));
  if (UNWRAPPED_IN_ANY.test(type.fullName)) return { "@type": typeUrl, value: content };
  return { "@type": typeUrl, ...(content as JsonFields) };
}

/** A `google.protobuf.Struct` as protobufjs decodes it. */
export interface StructMessage {
  readonly fields?: Fields;
}

export function structJson(fields: Fields | undefined): JsonFields {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]) => [key, valueJson(value as Fields)]),
  );
}

function valueJson(value: Fields): unknown {
  if (Object.hasOwn(value, "numberValue")) return value.numberValue;
  if (Object.hasOwn(value, "stringValue")) return value.stringValue;
  if (Object.hasOwn(value, "boolValue")) return value.boolValue;
  if (Object.hasOwn(value, "structValue"))
    return structJson((value.structValue as { fields: Fields }).fields);
  if (Object.hasOwn(value, "listValue")) {
    return (value.listValue as { values: Fields[] }).values.map(valueJson);
  }
  return null;
}
