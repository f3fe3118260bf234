/**
 * Regular expressions are run by Envoy with RE2 (https://github.com/google/re2/wiki/Syntax), which has no look-around and no
 * back-references, and Envoy refuses programs of more than 100 steps unless its runtime key `re2.max_program_size.error_level` says
 * otherwise. What this file lets pass compiles there; what would be refused there is refused here, before a proxy could
 * reject the whole route table. Where the two disagree, this file is the stricter one.
 */
import { regexSize } from "./regex-size.ts";
import { show } from "./show.ts";

const LONGEST = 1024;
/** Envoy 1.40's default; a program of one letter measures 5. */
const MOST_STEPS = 100;

/** Letters and digits RE2 knows after a backslash, without classes (\p) and quotes (\Q), which are not taken here. */
const ESCAPES = /\\(?![aftnrvdDsSwWbBAz0]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9])/;
/** Inside brackets: a word boundary, or a class as one end of a range. */
const ODD_IN_CLASS = /\\[bBAz]|-\\[dDsSwW]/;
const POSIX =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]$/;

/** What is wrong with the expression, as `CODE sentence`. */
export function regexFault(source: string): string | undefined {
  if (source.length === 0) {
    return "QM0019 an empty expression matches everything; leave the match out";
  }
  if (source.length > LONGEST) return `QM0005 length ${source.length} is above ${LONGEST}`;
  const fault =
    unknownToRe2(source) ?? compileFault(source) ?? classFault(source) ?? sizeFault(source);
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
    .replace(/\\[Az]/g, "(?:)");
  try {
    new RegExp(translated);
    return undefined;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return `does not compile: ${reason.slice(reason.lastIndexOf(": ") + 2).toLowerCase()}`;
  }
}

function classFault(source: string): string | undefined {
  const bare = source.replace(/\\\\/g, "  ").replace(/\\\[/g, "  ");
  // JavaScript ends an empty class here, RE2 begins one that holds a bracket.
  if (/\[\^?\]/.test(bare)) return "has ] right behind [; write \\] for the bracket itself";
  for (const [brackets] of bare.matchAll(/\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]/gs)) {
    if (ODD_IN_CLASS.test(brackets)) return `uses ${brackets}, which RE2 does not have`;
    const names = brackets.match(/\[:[^\]]*:\]/g) ?? [];
    const unknown = names.find((name) => !POSIX.test(name));
    if (unknown !== undefined) return `uses ${unknown}, which RE2 does not have`;
  }
  return undefined;
}

function sizeFault(source: string): string | undefined {
  const steps = regexSize(source);
  return steps > MOST_STEPS
    ? `comes to about ${steps} steps, above the ${MOST_STEPS} that Envoy takes`
    : undefined;
}
