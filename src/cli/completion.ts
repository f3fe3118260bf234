import type { Command } from "commander";

/** `qmesh completion bash|zsh|fish`: a script for the shell, made of the verbs and options themselves. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Words {
  /** Words before it: `rollout`, or none for the program itself. */
  readonly path: readonly string[];
  readonly next: readonly { readonly word: string; readonly text: string }[];
}

export function completionScript(program: Command, shell: Shell): string {
  const all = wordsOf(program, []);
  switch (shell) {
    case "bash":
      return bash(all);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
    case "fish":
      return fish(all);
  }
}

function wordsOf(command: Command, path: readonly string[]): Words[] {
  const verbs = command.commands.map((each) => ({ word: each.name(), text: each.description() }));
  const options = command.options.map(({ long, short, description }) => ({
    word: long ?? short ?? "",
    text: description,
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
  while :; do case "$path" in
${cases.join("\n")}
    *" "*) path="\${path% *}"; continue ;;
    *) path=""; continue ;;
  esac; break; done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _qmesh qmesh
`;
}

function fish(all: readonly Words[]): string {
  const lines = all.flatMap(({ path, next }) =>
    next.map(({ word, text }) => {
      const verbs = all.filter((each) => each.path.length === 1).map((each) => each.path[0]);
      const when =
        path.length === 0
          ? `not __fish_seen_subcommand_from ${verbs.join(" ")}`
          : path.map((verb) => `__fish_seen_subcommand_from ${verb}`).join("; and ");
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c qmesh -n '${when}' ${what} -d '${text.replaceAll("'", "\\'")}'`;
    }),
  );
  return `${lines.join("\n")}\n`;
}
