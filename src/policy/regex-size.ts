/**
 * Steps of the program RE2 makes of an expression, at most: 4, one for each byte of a letter, one for each range of a class, two
 * for a capturing group, one for `*`, `+` and `?` and up to four behind a group; a count repeats what it stands behind. Checked against sizes that Envoy 1.40 reports:
 * `a{3,10}` 21, `(ab|cd){5}` 34, `[^/]{10}` 24.
 */
const OVERHEAD = 4;

const TOKEN =
  /\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\(\?P?<\w+>|\(\?[a-z-]*[:)]|\{\d+(?:,\d*)?\}|./gsu;
const CLASS_ITEM = /\[:\^?\w+:\]|(?:\\x[0-9A-Fa-f]{2}|\\.|.)(?:-(?:\\x[0-9A-Fa-f]{2}|\\.|.))?/gsu;
const CLASS_SIZE: Readonly<Record<string, number>> = {
  "\\d": 1,
  "\\D": 2,
  "\\s": 3,
  "\\S": 4,
  "\\w": 4,
  "\\W": 5,
  ".": 2,
};
/** `[:punct:]` has four ranges, a negated name one more. */
const POSIX_SIZE = 5;

export function regexSize(source: string): number {
  // Folding case splits ranges of letters in two.
  const factor = /\(\?[a-z]*i/.test(source) ? 2 : 1;
  const sums = [0];
  let last = 0;
  let before = "";
  const add = (size: number) => {
    sums[sums.length - 1] = (sums.at(-1) ?? 0) + size;
  };
  for (const [token] of source.matchAll(TOKEN)) {
    if (token.startsWith("(") && !token.endsWith(")")) {
      sums.push(token === "(" || token.endsWith(">") ? 2 : 0);
      last = 0;
      continue;
    }
    const repeated = repeatedSize(token, { last, isGroup: before === ")" });
    if (token === ")" && sums.length > 1) last = sums.pop() ?? 0;
    else if (repeated !== undefined) {
      add(-last);
      last = repeated;
    } else last = atomSize(token) * (token.startsWith("[") ? factor : 1);
    add(last);
    before = token;
  }
  return OVERHEAD + sums.reduce((total, sum) => total + sum, 0);
}

/** Size of an atom of size `last` under the quantifier; undefined if the token is none. */
function repeatedSize(
  token: string,
  { last, isGroup }: { last: number; isGroup: boolean },
): number | undefined {
  const loop = isGroup ? 4 : 1;
  if (token === "*" || token === "+" || token === "?") return last + loop;
  const counts = /^\{(\d+)(,?)(\d*)\}$/.exec(token);
  if (counts === null) return undefined;
  const least = Number(counts[1]);
  if (counts[2] === "") return least * last;
  if (counts[3] === "") return Math.max(1, least) * last + loop;
  return least * last + (Number(counts[3]) - least) * (last + 1);
}

function atomSize(token: string): number {
  if (token === "|" || token.startsWith("(?")) return 0;
  const known = CLASS_SIZE[token];
  if (known !== undefined) return known;
  return token.startsWith("[") && token.length > 1 ? classSize(token) : bytes(token);
}

function classSize(token: string): number {
  const isNegated = token.startsWith("[^");
  const items = token.slice(isNegated ? 2 : 1, -1).matchAll(CLASS_ITEM);
  let size = isNegated ? 1 : 0;
  for (const [item] of items) {
    if (item.startsWith("[:")) size += POSIX_SIZE;
    else if (item === "." || !Object.hasOwn(CLASS_SIZE, item)) size += bytes(item);
    else size += CLASS_SIZE[item] ?? 0;
  }
  return size;
}

/** In UTF-8; an escape stands for one. */
function bytes(token: string): number {
  // A range of single bytes is one range.
  if (token.startsWith("\\") || /^[ -~]-[ -~]$/.test(token)) return 1;
  return Buffer.byteLength(token);
}
