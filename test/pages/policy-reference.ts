import { intentSchema } from "../../src/policy/schema.ts";

/** `docs/policy-reference.md`: every field of every kind, from the schema that `qmesh schema` prints. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly [bound: string]: unknown;
}

export function policyReference(): string {
  const { oneOf = [] } = intentSchema() as Schema;
  const sections = oneOf.map(kindSection);
  const names = oneOf.map(kindName);
  return [
    "# Policy reference",
    "",
    "Every field of every kind, generated from the schema that `qmesh schema` prints for editors (`npm run docs` writes this page anew). What the fields mean is in [policy-language.md](policy-language.md); what is refused, and why, in [problems](policy-problems.md). `[]` is each entry of a list, `{}` each value of a mapping. Fields that Kubernetes writes into `metadata` are ignored. Rules between fields and between documents are checked by `qmesh analyze`.",
    "",
    names.map((name) => `[${name}](#${name.toLowerCase()})`).join(" · "),
    "",
    ...sections,
  ].join("\n");
}

function kindName({ properties = {} }: Schema): string {
  return String(properties.kind?.const);
}

function kindSection(schema: Schema): string {
  const { properties = {} } = schema;
  const { metadata = {}, spec = {} } = properties;
  const rows = [...fieldsOf(metadata, "metadata"), ...fieldsOf(spec, "spec")];
  return [
    `## ${kindName(schema)}`,
    `\`apiVersion: ${String(properties.apiVersion?.const)}\``,
    "",
    "| field | takes | absent |",
    "|---|---|---|",
    ...new Set(rows),
    "",
  ].join("\n");
}

function fieldsOf(schema: Schema, path: string): string[] {
  const { properties = {}, required = [], items, additionalProperties } = schema;
  const own = Object.entries(properties).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    // A default that holds nothing stands in so that a check can ask for the field.
    const isEmpty = [undefined, '""', "[]"].includes(JSON.stringify(field.default));
    const absent = field.default === undefined ? "" : `\`${inline(field.default)}\``;
    const said = required.includes(name) && isEmpty ? "needed" : absent;
    // Those that Kubernetes writes.
    if (Object.keys(field).length === 0) return [];
    return [`| \`${at}\` | ${cell(takes(field))} | ${cell(said)} |`, ...fieldsOf(field, at)];
  });
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [
    ...own,
    ...(items === undefined ? [] : fieldsOf(items, `${path}[]`)),
    ...(typeof additionalProperties === "object"
      ? fieldsOf(additionalProperties, `${path}{}`)
      : []),
    ...parts.flatMap((part) => fieldsOf(part, path)),
  ];
}

function takes(schema: Schema): string {
  if (schema.const !== undefined) return `\`${inline(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${inline(each)}\``).join(", ");
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (parts.length > 0) return [...new Set(parts.map(takes))].join(" or ");
  if (schema.type === "array")
    return `list of ${takes(schema.items ?? {})}${bounds(schema, "Items", "entries")}`;
  if (schema.type === "object") return "mapping";
  const range = schema.type === "string" ? bounds(schema, "Length", "characters") : numbers(schema);
  return `${schema.type ?? "any value"}${range}`;
}

function bounds(schema: Schema, of: string, word: string): string {
  const [least, most] = [schema[`min${of}`], schema[`max${of}`]];
  if (least === undefined && most === undefined) return "";
  return most === undefined ? `, at least ${least} ${word}` : `, ${least ?? 0} to ${most} ${word}`;
}

/** zod writes the bounds of safe integers where there are none. */
function numbers({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const safe = Number.MAX_SAFE_INTEGER;
  const words = [
    minimum !== undefined && minimum !== -safe ? `at least ${minimum}` : "",
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : "",
    maximum !== undefined && maximum !== safe ? `at most ${maximum}` : "",
    exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : "",
  ].filter((word) => word !== "");
  return words.length === 0 ? "" : `, ${words.join(", ")}`;
}

function inline(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
