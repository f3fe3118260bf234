/** CEL's parser and type checker, told the words of `language.ts`. Nothing is ever evaluated here. */
import { Environment } from "@marcbachmann/cel-js";
import { FUNCTIONS, LABELS, type Parameter, VARIABLES } from "./language.ts";

export const BOUNDS = { nodes: 256, depth: 24, listEntries: 64, macroNesting: 2 } as const;

const DURATION = "google.protobuf.Duration";
const TYPE = { double: "double", int: "int", bool: "bool", duration: DURATION, score: "Score" };

export function buildEnvironment(): Environment {
  const env = new Environment({
    limits: {
      maxAstNodes: BOUNDS.nodes,
      maxDepth: BOUNDS.depth,
      maxListElements: BOUNDS.listEntries,
      maxCallArguments: 8,
    },
  });
  env.registerType({ name: "Score", schema: { score: "double" } });
  env.registerType({ name: "Actions", schema: {} });
  env.registerVariable("actions", "Actions");
  env.registerVariable(LABELS.name, "map<string, string>");
  for (const [name, schema] of Object.entries(nested())) env.registerVariable({ name, schema });
  for (const [name, { takes, gives }] of Object.entries(FUNCTIONS)) {
    for (const parameters of overloads(takes)) {
      const called = name.replace("actions.", "Actions.");
      env.registerFunction(`${called}(${parameters}): ${TYPE[gives]}`, neverCalled);
    }
  }
  return env.registerFunction("re2(string, string): bool", neverCalled);
}

/** A whole number is taken for a number. */
function overloads(takes: readonly Parameter[]): string[] {
  const types = (numeric: string) =>
    takes.map((kind) => (kind === "number" ? numeric : kind === "quantile" ? "double" : "string"));
  const [double, int] = [types("double").join(", "), types("int").join(", ")];
  return double === int ? [double] : [double, int];
}

interface Schema {
  [field: string]: string | Schema;
}

/** Dotted names as objects in objects. */
function nested(): Record<string, Schema> {
  const root: Record<string, Schema> = {};
  for (const [name, { type }] of Object.entries(VARIABLES)) {
    const steps = name.split(".");
    const last = steps.pop() ?? "";
    let holder: Schema = root;
    for (const step of steps) {
      holder[step] ??= {};
      holder = holder[step] as Schema;
    }
    holder[last] = type;
  }
  return root;
}

function neverCalled(): never {
  throw new Error("invariant: conditions are evaluated by evaluate.ts");
}
