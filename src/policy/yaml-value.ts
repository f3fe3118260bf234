/**
 * From YAML nodes to plain values, with bounds: an alias is followed like a copy, so a few lines that alias each other could stand
 * for billions of values or for themselves. Every value counts against a budget and depth is limited. Keys must be texts
 * that differ as texts; `__proto__` is refused, since it is no field of anything and means trouble in JavaScript.
 */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from "yaml";
import type { ProblemCode } from "./problem-codes.ts";

const MOST_VALUES = 200_000;
const MOST_DEPTH = 64;

interface Trouble {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly message: string;
}

type Node = ParsedNode | null;

export class YamlReader {
  readonly troubles: Trouble[] = [];
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new WeakMap<object, Node>();
  private values = 0;
  private exhausted = false;

  read(node: Node, depth = 0): unknown {
    this.values += 1;
    if (this.exhausted || node === null) return null;
    if (this.values > MOST_VALUES) return this.exhaust(node, `more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) return this.exhaust(node, `more than ${MOST_DEPTH} levels`);
    if (isAlias(node)) return this.follow(node, depth);
    if ("anchor" in node && node.anchor) this.anchors.set(node.anchor, node);
    if (isMap(node)) return this.readMap(node as YAMLMap.Parsed, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node, depth + 1));
    return isScalar(node) ? node.value : null;
  }

  /** The node an alias stands for, else the node itself. */
  resolve(node: Node): Node {
    return isAlias(node) ? (this.targets.get(node) ?? null) : node;
  }

  private follow(alias: ParsedNode & { source: string }, depth: number): unknown {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      return this.trouble(alias, "QM0001", `alias *${alias.source} has no anchor before it`);
    }
    this.targets.set(alias, target);
    return this.read(target, depth + 1);
  }

  private readMap(map: YAMLMap.Parsed, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = keyText(pair.key);
      if (key === undefined) this.trouble(pair.key, "QM0001", "a key is not a plain text");
      else if (key === "__proto__") this.trouble(pair.key, "QM0008", "unknown field __proto__");
      else if (Object.hasOwn(value, key))
        this.trouble(pair.key, "QM0002", `key ${key} stands twice`);
      else value[key] = this.read(pair.value as Node, depth + 1);
    }
    return value;
  }

  private exhaust(node: ParsedNode, what: string): null {
    this.exhausted = true;
    return this.trouble(node, "QM0003", `the document comes to ${what}, aliases counted`);
  }

  private trouble(node: ParsedNode, code: ProblemCode, message: string): null {
    this.troubles.push({ code, offset: node.range[0], message });
    return null;
  }
}

/** The text of a key; undefined for a list, a mapping, an alias or nothing as a key. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return String(key.value);
}
