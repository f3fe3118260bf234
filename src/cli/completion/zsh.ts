import { shared } from "./posix.ts";
import type { Verb, Word } from "./words.ts";

/** By zsh's own system, which shows what each word means. `path` would be its PATH. */
export function zshScript(all: readonly Verb[]): string {
  const cases = all.map(
    ({ path, verbs, options }) =>
      `    "${path}") verbs=(${described(verbs)}); options=(${described(options)}) ;;`,
  );
  return `#compdef qmesh
${shared(all)}_qmesh() {
  local at n option found
  local -a verbs options values
  _qmesh_at "\${(@)words[2,CURRENT-1]}"
  case "$at" in
${cases.join("\n")}
  esac
  if [[ "$PREFIX" == --*=* ]]; then
    option="\${PREFIX%%=*}"
    compset -P '*='
  fi
  if [[ -z "$option" && "$PREFIX" == -* ]]; then
    _describe -o option options
    return
  fi
  if ! found="$(_qmesh_values "$at \${option:-$n}" "\${(@)words[2,-1]}")"; then
    _files
    return
  fi
  values=("\${(@f)found}")
  values=("\${(@)values//:/\\\\:}")
  values=("\${(@)values/$'\\t'/:}")
  [[ -n "$found" ]] && _describe value values
  [[ -z "$option" && "$n" == 0 ]] && (( \${#verbs} )) && _describe verb verbs
  [[ -z "$option$found" ]] && (( ! \${#verbs} )) && _describe -o option options
}
compdef _qmesh qmesh
`;
}

function described(words: readonly Word[]): string {
  return words
    .map(({ word, text }) => `'${word}:${text.replaceAll(":", "\\:").replaceAll("'", "'\\''")}'`)
    .join(" ");
}
