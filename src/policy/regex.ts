/**
 * Regular expressions are run by Envoy with RE2 (https://github.com/google/re2/wiki/Syntax), which has no look-around and no
 * back-references and repeats at most 1000 times, nested counts multiplied. What this file lets pass compiles there; what RE2 would
 * refuse is refused here, before a proxy could reject the whole route table. The length is bounded, since a pattern costs memory in
 * every worker of every Envoy.
 */
import { show } from "./show.ts";

const LONGEST = 1024;
const MOST_REPEATS = 1000;
/** Letters and digits RE2 knows after a backslash, without classes (\p) and quotes (\Q), which are not taken here. */
const ESCAPES = /\\(?![aftnrvdDsSwWbBAz0]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9])/;

/** What is wrong with the expression, as `CODE sentence`. */
export function regexFault(source: string): string | undefined {
  if (source.length === 0)
    return "QM0019 an empty expression matches everything; leave the match out";
  if (source.length > LONGEST) return `QM0005 length ${source.length} is above ${LONGEST}`;
  const fault = unknownToRe2(source) ?? compileFault(source) ?? repeatFault(source);
  return fault === undefined ? undefined : `QM0019 ${show(source)} ${fault}`;
}

function unknownToRe2(source: string): string | undefined {
  const bare = source.replace(/\\\\/g, "  ");
  if (/(?<!\\)\(\?<?[=!]/.test(bare)) return "uses look-around, which RE2 does not have";
  if (/\\[1-9]|\\k/.test(bare)) return "uses a back-reference, which RE2 does not have";
  const unknown = ESCAPES.exec(bare);
  if (unknown === null) return undefined;
  return `uses ${bare.slice(unknown.index, unknown.index + 2)}, which is not taken here`;
}

/** JavaScript's compiler stands in for RE2's, after RE2's own spellings are put into JavaScript's. */
function compileFault(source: string): string | undefined {
  const translated = source
    .replace(/^\(\?[ims]+\)/, "")
    .replace(/\(\?[ims]+:/g, "(?:")
    .replaceAll("(?P<", "(?<")
    .replace(/\\A/g, "^")
    .replace(/\\z/g, "$")
    .replace(/\\a/g, "\\x07");
  try {
    new RegExp(translated, "v");
    return undefined;
  } catch (cause) {
    // The lenient reading takes what only the strict one refuses, such as a bare ] or }.
    return lenientFault(translated, cause instanceof Error ? cause.message : String(cause));
  }
}

function lenientFault(translated: string, strictMessage: string): string | undefined {
  try {
    new RegExp(translated);
    return undefined;
  } catch {
    const reason = strictMessage.slice(strictMessage.lastIndexOf(": ") + 2);
    return `does not compile: ${reason.toLowerCase()}`;
  }
}

/** Invariant: `depth` holds, for each open group, the largest product of counts inside it. */
function repeatFault(source: string): string | undefined {
  const depth = [1];
  let atom = 1;
  for (const [token, least, most] of source.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|./gs,
  )) {
    if (least !== undefined) {
      atom *= Math.max(1, Number(least), Number(most || 0));
    } else if (token === "(") {
      depth.push(1);
      continue;
    } else if (token === ")") {
      atom = depth.pop() ?? 1;
    } else {
      atom = 1;
    }
    depth[depth.length - 1] = Math.max(depth.at(-1) ?? 1, atom);
    if (atom > MOST_REPEATS) return `repeats ${atom} times, above ${MOST_REPEATS}`;
  }
  return undefined;
}
