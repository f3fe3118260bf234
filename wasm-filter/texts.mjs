// asc transform: in the filter's own files a string literal is the address of its bytes, one byte a character, ended by a
// zero. As the compiler has them they take two bytes a character and 35 more, 2.9 KiB of a binary that may have 24. All lie
// in one run of bytes, equal ones once.
import { Node, NodeKind } from "assemblyscript/dist/assemblyscript.js";
import { Transform } from "assemblyscript/transform";

const OWN = /^wasm-filter\/assembly\//;

export default class Texts extends Transform {
  afterParse(parser) {
    const addresses = new Map();
    let bytes = [];
    const nameOf = (text) => {
      if (!addresses.has(text)) {
        addresses.set(text, bytes.length);
        bytes = [...bytes, ...Buffer.from(text, "latin1"), 0];
      }
      return `TEXT_${addresses.get(text)}`;
    };
    for (const { normalizedPath, statements } of parser.sources) {
      if (OWN.test(normalizedPath)) replaceLiterals(statements, nameOf);
    }
    if (bytes.length === 0) return;
    const named = [...addresses.values()].map(
      (at) => `@global @lazy const TEXT_${at}: usize = TEXTS + ${at};`,
    );
    const run = `@lazy const TEXTS: usize = memory.data<u8>([${bytes}], 1);`;
    parser.parseFile([run, ...named].join("\n"), "wasm-filter/texts.ts", true);
  }
}

/** Children of syntax nodes are nodes or arrays of them. Paths of imports and names of fields stay what they are. */
function replaceLiterals(node, nameOf) {
  if (node.expression?.text === "offsetof") return;
  for (const [key, child] of Object.entries(node)) {
    if (key === "path" || typeof child !== "object" || child === null) continue;
    const isText = child.kind === NodeKind.Literal && typeof child.value === "string";
    if (isText) node[key] = Node.createIdentifierExpression(nameOf(child.value), child.range);
    else if (child instanceof Node || Array.isArray(child)) replaceLiterals(child, nameOf);
  }
}
