import { shared } from "./posix.ts";
import type { Verb } from "./words.ts";

/**
 * By the line itself: bash's own words end at each `:` and `=`, which addresses have. Names are never given to `compgen -W`, which
 * would expand them.
 */
export function bashScript(all: readonly Verb[]): string {
  const cases = all.map(
    ({ path, verbs, options }) =>
      `    "${path}") verbs="${wordsOf(verbs)}" options="${wordsOf(options)}" ;;`,
  );
  return `${shared(all)}_qmesh() {
  local at n option verbs="" options="" values value cur="" before="\${COMP_LINE:0:COMP_POINT}"
  local -a line
  COMPREPLY=()
  read -ra line <<< "$before"
  if [[ "$before" != *[[:space:]] ]]; then
    cur="\${line[\${#line[@]}-1]}"
    unset "line[\${#line[@]}-1]"
  fi
  _qmesh_at "\${line[@]:1}"
  if [[ "$cur" == --*=* ]]; then
    option="\${cur%%=*}" cur="\${cur#*=}"
  fi
  case "$at" in
${cases.join("\n")}
  esac
  if [[ -z "$option" && "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
  values="$(_qmesh_values "$at \${option:-$n}" "\${line[@]:1}")" || return
  while IFS=$'\\t' read -r value _; do
    [[ -n "$value" && "$value" == "$cur"* ]] && COMPREPLY+=("$value")
  done <<< "$values"
  [[ -n "$option" ]] && return
  [[ "$n" == 0 ]] && COMPREPLY+=($(compgen -W "$verbs" -- "$cur"))
  (( \${#COMPREPLY[@]} )) || COMPREPLY=($(compgen -W "$options" -- "$cur"))
}
complete -o default -F _qmesh qmesh
`;
}

function wordsOf(words: readonly { readonly word: string }[]): string {
  return words.map(({ word }) => word).join(" ");
}
