/**
 * From CEL's syntax tree to ours, by a list of what is allowed: what is not on it is refused, however well typed. Arguments that
 * name things are written out, so that what a condition reads is known on load. Loops run over lists that are written out too, so the
 * steps of an evaluation are known before the first one.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { serialize } from "@marcbachmann/cel-js";
import { didYouMean } from "../nearest.ts";
import { MOST_INT } from "./arithmetic.ts";
import { BOUNDS } from "./environment.ts";
import {
  type ConditionPlace,
  FIRST_WORDS,
  FUNCTIONS,
  LABELS,
  MACROS,
  type Parameter,
  TEXT_METHODS,
  VARIABLES,
} from "./language.ts";
import { regexMatcher } from "./regex-matcher.ts";
import { BINARY_OPERATORS, type BinaryOperator, type Tree } from "./tree.ts";
import { readArgument, readDuration } from "./written-argument.ts";

export interface Translation {
  readonly tree: Tree;
  /** `function:name`, sorted, each once. */
  readonly reads: readonly string[];
  /** What is not allowed, as sentences. */
  readonly faults: readonly string[];
  /** What may stand only in some places. */
  readonly restricted: readonly Restricted[];
}

export interface Restricted {
  readonly what: string;
  readonly places: readonly ConditionPlace[];
}

type BinaryNode = ASTNode & { readonly op: BinaryOperator };

function isBinary(ast: ASTNode): ast is BinaryNode {
  return (BINARY_OPERATORS as readonly string[]).includes(ast.op);
}

/** Stands where a fault was found. */
const NOTHING: Tree = { kind: "literal", value: false };

export function translate(ast: ASTNode): Translation {
  const translator = new Translator();
  const tree = translator.read(ast, new Set());
  const { faults, restricted } = translator;
  return { tree, reads: [...translator.reads].sort(), faults, restricted };
}

class Translator {
  readonly reads = new Set<string>();
  readonly faults: string[] = [];
  readonly restricted: Restricted[] = [];

  /** `bound`: variables of the macros around. */
  read(ast: ASTNode, bound: ReadonlySet<string>): Tree {
    const text = serialize(ast);
    switch (ast.op) {
      case "value":
        return this.literal(ast.args, text);
      case "list":
        return { kind: "list", items: ast.args.map((item) => this.read(item, bound)) };
      case "id":
        return bound.has(ast.args)
          ? { kind: "bound", name: ast.args }
          : this.refuse(`${ast.args} is no value by itself`);
      case ".":
        return this.field(ast, text);
      case "!_":
        return { kind: "not", of: this.read(ast.args, bound), text };
      case "-_":
        return { kind: "minus", of: this.read(ast.args, bound), text };
      case "&&":
      case "||": {
        const [left, right] = ast.args;
        const kind = ast.op === "&&" ? "and" : "or";
        return { kind, left: this.read(left, bound), right: this.read(right, bound), text };
      }
      case "?:": {
        const [condition, yes, no] = ast.args;
        return {
          kind: "choice",
          condition: this.read(condition, bound),
          yes: this.read(yes, bound),
          no: this.read(no, bound),
          text,
        };
      }
      case "call":
        return this.call(ast.args, { text, bound });
      case "rcall":
        return this.method(ast.args, { text, bound });
      default:
        return isBinary(ast)
          ? this.binary(ast, { text, bound })
          : this.refuse(`${text}: ${ast.op} is not taken here`);
    }
  }

  private literal(value: unknown, text: string): Tree {
    const isTaken = ["boolean", "bigint", "number", "string"].includes(typeof value);
    if (!isTaken) return this.refuse(`${text} is of a type that is not taken here`);
    if (typeof value === "bigint" && value > MOST_INT) {
      return this.refuse(`${text.slice(0, 30)} is above ${MOST_INT}, the highest whole number`);
    }
    return { kind: "literal", value: value as boolean | bigint | number | string };
  }

  private field(ast: ASTNode & { op: "." }, text: string): Tree {
    const [of, field] = ast.args;
    if (of.op === "call" && of.args[0] === "siem") {
      const call = this.call(of.args, { text: serialize(of), bound: new Set() });
      return call.kind === "call" ? { ...call, text } : call;
    }
    const entry = VARIABLES[text];
    const places =
      entry?.places ?? (of.op === "id" && of.args === LABELS.name ? LABELS.places : undefined);
    if (places === undefined) return this.refuse(`${text} is not taken here; field ${field}`);
    this.restricted.push({ what: text, places });
    return { kind: "variable", name: text, text };
  }

  private binary(
    ast: BinaryNode,
    { text, bound }: { text: string; bound: ReadonlySet<string> },
  ): Tree {
    const [left, right] = ast.args as unknown as readonly [ASTNode, ASTNode];
    const tree: Tree = {
      kind: "binary",
      operator: ast.op,
      left: this.read(left, bound),
      right: this.read(right, bound),
      text,
    };
    if (ast.op === "+" && [tree.left, tree.right].some(({ kind }) => kind === "list")) {
      return this.refuse(`${text}: lists are not added; write one list`);
    }
    return tree;
  }

  private call(
    [name, args]: readonly [string, readonly ASTNode[]],
    { text, bound }: { text: string; bound: ReadonlySet<string> },
  ): Tree {
    if (name === "duration") {
      const value = readDuration(args[0]);
      if (value !== undefined) return { kind: "literal", value };
      return this.refuse(`${text} is not a duration written out, such as duration("30s")`);
    }
    if (name === "re2") return this.regex(args, { text, bound });
    return this.ask(name, args, { text, bound });
  }

  private ask(
    name: string,
    args: readonly ASTNode[],
    { text, bound }: { text: string; bound: ReadonlySet<string> },
  ): Tree {
    const entry = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (entry === undefined) {
      const hint = didYouMean(name, Object.keys(FUNCTIONS));
      return this.refuse(`${name}() is not a function of conditions${hint}`);
    }
    if (entry.places !== undefined) {
      this.restricted.push({ what: `${name}()`, places: entry.places });
    }
    const trees = args.map((arg, index) => {
      const kind = entry.takes[index] ?? "number";
      return kind === "number" || kind === "tenant"
        ? this.read(arg, bound)
        : this.written(arg, { kind, name });
    });
    return { kind: "call", name, args: trees, text };
  }

  private written(arg: ASTNode, { kind, name }: { kind: Parameter; name: string }): Tree {
    const argument = readArgument(arg, kind);
    if ("fault" in argument) return this.refuse(`${name}(): ${argument.fault}`);
    if (argument.names !== undefined) this.reads.add(`${name}:${argument.names}`);
    return { kind: "literal", value: argument.value };
  }

  private regex(
    [of, pattern]: readonly ASTNode[],
    { text, bound }: { text: string; bound: ReadonlySet<string> },
  ): Tree {
    const source: unknown = pattern?.op === "value" ? pattern.args : undefined;
    if (of === undefined || typeof source !== "string") {
      return this.refuse(`${text}: the expression of re2() is written out as a text in quotes`);
    }
    const matcher = regexMatcher(source);
    if (typeof matcher === "string") return this.refuse(`${text}: ${matcher}`);
    return { kind: "regex", of: this.read(of, bound), matches: matcher, text };
  }

  private method(
    [name, of, args]: readonly [string, ASTNode, readonly ASTNode[]],
    { text, bound }: { text: string; bound: ReadonlySet<string> },
  ): Tree {
    if (of.op === "id" && of.args === "actions" && !bound.has("actions")) {
      return this.ask(`actions.${name}`, args, { text, bound });
    }
    const [first, second] = args;
    if (TEXT_METHODS.includes(name) && first !== undefined) {
      const method = name as "startsWith" | "endsWith" | "contains";
      return {
        kind: "text",
        method,
        of: this.read(of, bound),
        part: this.read(first, bound),
        text,
      };
    }
    if (MACROS.includes(name) && first?.op === "id" && second !== undefined) {
      return this.loop(name as "exists" | "all", { of, variable: first.args, body: second }, bound);
    }
    const hint = name === "matches" ? "; write re2(TEXT, EXPRESSION)" : "";
    return this.refuse(`${text}: .${name}() is not taken here${hint}`);
  }

  private loop(
    kind: "exists" | "all",
    parts: { of: ASTNode; variable: string; body: ASTNode },
    bound: ReadonlySet<string>,
  ): Tree {
    const text = `${serialize(parts.of)}.${kind}(${parts.variable}, ${serialize(parts.body)})`;
    if (parts.of.op !== "list") return this.refuse(`${text}: ${kind}() is for a list written out`);
    if (bound.size >= BOUNDS.macroNesting) {
      return this.refuse(`${text}: loops nest deeper than ${BOUNDS.macroNesting}`);
    }
    if (bound.has(parts.variable) || FIRST_WORDS.has(parts.variable)) {
      return this.refuse(`${text}: ${parts.variable} already means something; take another name`);
    }
    const items = parts.of.args.map((item) => this.read(item, bound));
    const body = this.read(parts.body, new Set([...bound, parts.variable]));
    return { kind, variable: parts.variable, items, body, text };
  }

  private refuse(fault: string): Tree {
    this.faults.push(fault);
    return NOTHING;
  }
}
