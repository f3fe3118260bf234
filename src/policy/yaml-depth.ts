/**
 * The YAML parser recurses, and some thousand levels end the whole process rather than throw: V8 gives up when it has to
 * compile a regular expression near the end of the stack. So depth is bounded before parsing, on the tokens alone: a flow collection
 * is one level for each open bracket; a block collection begins right of the one it is in (a list also right below its key), so
 * the column of its indicator bounds its depth.
 */
import { CST, Lexer } from "yaml";

const MOST_FLOW_LEVELS = 64;
const MOST_COLUMNS = 256;

export function nestsTooDeep(text: string): boolean {
  let flow = 0;
  let column = 0;
  for (const token of new Lexer().lex(text)) {
    switch (CST.tokenType(token)) {
      case "flow-map-start":
      case "flow-seq-start":
        flow += 1;
        if (flow > MOST_FLOW_LEVELS) return true;
        break;
      case "flow-map-end":
      case "flow-seq-end":
        flow = Math.max(0, flow - 1);
        break;
      case "seq-item-ind":
      case "explicit-key-ind":
      case "map-value-ind":
        if (flow === 0 && column > MOST_COLUMNS) return true;
        break;
      case "doc-start":
      case "doc-end":
        flow = 0;
        break;
    }
    const newline = token.lastIndexOf("\n");
    column = newline < 0 ? column + token.length : token.length - newline - 1;
  }
  return false;
}
