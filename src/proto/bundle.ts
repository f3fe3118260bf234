import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { ADDED_ENUMS, ADDED_MESSAGES, ADDITIONS } from "./additions.ts";

/**
 * The loaded proto definitions: `build/protos.json` plus the additions table, read once. Field names are the proto's
 * own (snake case). Throws if the bundle was not built.
 */
let loaded: protobuf.Root | undefined;

export function protoRoot(): protobuf.Root {
  loaded ??= loadRoot();
  return loaded;
}

function loadRoot(): protobuf.Root {
  const text = readFileSync(new URL("../../../build/protos.json", import.meta.url), "utf8");
  const root = protobuf.Root.fromJSON(JSON.parse(text) as protobuf.INamespace);
  addNewerFields(root);
  dropUnread(root);
  return root.resolveAll() as protobuf.Root;
}

function addNewerFields(root: protobuf.Root): void {
  for (const [name, values] of Object.entries(ADDED_ENUMS)) {
    const [parent, last] = splitName(name);
    root.define(parent).add(new protobuf.Enum(last, { ...values }));
  }
  for (const name of ADDED_MESSAGES) {
    const [parent, last] = splitName(name);
    root.define(parent).add(new protobuf.Type(last));
  }
  for (const { message, field, number, type, isRepeated } of ADDITIONS) {
    const rule = isRepeated ? "repeated" : undefined;
    root.lookupType(message).add(new protobuf.Field(field, number, type, rule));
  }
}

/** Envoy lists its 500 extensions in every first request, 60 KB that nobody reads: unknown fields are skipped. */
function dropUnread(root: protobuf.Root): void {
  const node = root.lookupType("envoy.config.core.v3.Node");
  const { extensions } = node.fields;
  if (extensions !== undefined) node.remove(extensions);
}

function splitName(name: string): [string, string] {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}
