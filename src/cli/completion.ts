import type { Command } from "commander";

/** `qmesh completion bash|zsh|fish`: a script for the shell, made of the verbs and options themselves. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Words {
  /** Words before it: `rollout`, or none for the program itself. */
  readonly path: readonly string[];
  readonly next: readonly {
    readonly word: string;
    readonly text: string;
    readonly takesValue: boolean;
  }[];
}

export function completionScript(program: Command, shell: Shell): string {
  const all = wordsOf(program, []);
  switch (shell) {
    case "bash":
      return bash(all);
    case "zsh":
      return zsh(all);
    case "fish":
      return fish(all);
  }
}

function wordsOf(command: Command, path: readonly string[]): Words[] {
  const verbs = command.commands.map((each) => ({
    ...{ word: each.name(), text: each.description(), takesValue: false },
  }));
  const options = command.options.map(({ long, short, description, required }) => ({
    ...{ word: long ?? short ?? "", text: description, takesValue: required },
  }));
  return [
    { path, next: [...verbs, ...options] },
    ...command.commands.flatMap((each) => wordsOf(each, [...path, each.name()])),
  ];
}

/** The longest path of verbs before the cursor decides; where no word fits, files. */
function bash(all: readonly Words[]): string {
  const cases = all.map(
    ({ path, next }) =>
      `    "${path.join(" ")}") words="${next.map(({ word }) => word).join(" ")}" ;;`,
  );
  return `_qmesh() {
  local path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
${byPath(cases, "path")}
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _qmesh qmesh
`;
}

/** By zsh's own system, which shows what each word means. \`path\` would be its PATH. */
function zsh(all: readonly Words[]): string {
  const cases = all.map(({ path, next }) => {
    const described = (isOption: boolean) =>
      next
        .filter(({ word }) => word.startsWith("-") === isOption)
        .map(zshWord)
        .join(" ");
    return `    "${path.join(" ")}") verbs=(${described(false)}); options=(${described(true)}) ;;`;
  });
  return `#compdef qmesh
_qmesh() {
  local at="" word
  local -a verbs options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) at="\${at:+$at }$word" ;; esac
  done
${byPath(cases, "at")}
  if [[ "$PREFIX" == -* ]]; then _describe -o option options
  elif (( \${#verbs} )); then _describe verb verbs
  else _files
  fi
}
compdef _qmesh qmesh
`;
}

function zshWord({ word, text }: Words["next"][number]): string {
  return `'${word}:${text.replaceAll(":", "\\:").replaceAll("'", "'\\''")}'`;
}

/** Words that are no verb of the path, such as names, are left out from its end. */
function byPath(cases: readonly string[], variable: string): string {
  return `  while :; do case "$${variable}" in
${cases.join("\n")}
    *" "*) ${variable}="\${${variable}% *}"; continue ;;
    *) ${variable}=""; continue ;;
  esac; break; done`;
}

function fish(all: readonly Words[]): string {
  const roots = all.filter(({ path }) => path.length === 1).map(({ path }) => path[0]);
  const lines = all.flatMap(({ path, next }) => {
    const when =
      path.length === 0
        ? `not __fish_seen_subcommand_from ${roots.join(" ")}`
        : path.map((verb) => `__fish_seen_subcommand_from ${verb}`).join("; and ");
    const begin = `complete -c qmesh -n '${when}'`;
    // Where a verb is wanted a file is not, but as the value of an option.
    const hasVerbs = next.some(({ word }) => !word.startsWith("-"));
    return [
      ...(hasVerbs ? [`${begin} -f`] : []),
      ...next.map(({ word, text, takesValue }) => {
        const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
        return `${begin} ${what}${takesValue ? " -r -F" : ""} -d '${text.replaceAll("'", "\\'")}'`;
      }),
    ];
  });
  return `${lines.join("\n")}\n`;
}
