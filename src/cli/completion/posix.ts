import { placesOf, type Verb } from "./words.ts";

/**
 * What bash and zsh share: `_qmesh_at WORDS` finds the verb that the words before the cursor make (`at`), how many arguments it has
 * by then (`n`) and the option whose value is next (`option`); `_qmesh_values PLACE WORDS` prints what may stand there, a line
 * each with what it is behind a tab, and fails where a file may.
 */
export function shared(all: readonly Verb[]): string {
  const valued = all.flatMap(({ path, valued: words }) => words.map((word) => `${path} ${word}`));
  const paths = all.map(({ path }) => path).filter((path) => path !== "");
  return `_qmesh_at() {
  at="" n=0 option=""
  local word
  for word in "$@"; do
    if [[ -n "$option" ]]; then
      option=""
    elif [[ "$word" == -* ]]; then
      case "$at $word" in ${anyOf(valued)}) option="$word" ;; esac
    else
      case "\${at:+$at }$word" in
        ${anyOf(paths)}) at="\${at:+$at }$word" ;;
        *) n=$((n + 1)) ;;
      esac
    fi
  done
}
_qmesh_values() {
  case "$1" in
${valueCases(all)}
  esac
}
`;
}

function valueCases(all: readonly Verb[]): string {
  const byWhat = new Map<string, string[]>();
  for (const [place, values] of all.flatMap(placesOf)) {
    const what =
      values.kind === "words"
        ? `printf '%s\\n' ${values.words.join(" ")}`
        : values.kind === "names"
          ? `shift; command qmesh __names ${values.of} "$@" 2>/dev/null`
          : "return 1";
    byWhat.set(what, [...(byWhat.get(what) ?? []), place]);
  }
  return [...byWhat].map(([what, places]) => `    ${anyOf(places)}) ${what} ;;`).join("\n");
}

function anyOf(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join("|");
}
