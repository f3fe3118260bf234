import type { Values } from "./values.ts";
import type { Verb } from "./words.ts";

/** `__qmesh_at PATH [N]`: whether the words before the cursor make that verb, with so many arguments. */
export function fishScript(all: readonly Verb[]): string {
  const valued = all.flatMap(({ path, valued: words }) => words.map((word) => `${path} ${word}`));
  const paths = all.map(({ path }) => path).filter((path) => path !== "");
  return `function __qmesh_at -a path count
    set -l at ''
    set -l n 0
    set -l is_value no
    for word in (commandline -opc)[2..]
        if test $is_value = yes
            set is_value no
        else if string match -q -- '-*' $word
            contains -- "$at $word" ${quotedAll(valued)}; and set is_value yes
        else if contains -- (string trim "$at $word") ${quotedAll(paths)}
            set at (string trim "$at $word")
        else
            set n (math $n + 1)
        end
    end
    test "$at" = "$path"; and begin
        test -z "$count"; or test "$n" = "$count"
    end
end
function __qmesh_names -a kind
    command qmesh __names $kind (commandline -opc)[2..] 2>/dev/null
end
${all.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, verbs, options, arguments: given }: Verb): string[] {
  const begin = (place = "") => `complete -c qmesh -n '__qmesh_at "${path}"${place}'`;
  return [
    // Where a verb is wanted a file is not.
    ...(verbs.length > 0 ? [`${begin(" 0")} -f`] : []),
    ...verbs.map(({ word, text }) => `${begin(" 0")} -f -a ${word} -d ${quoted(text)}`),
    ...given.flatMap((values, at) =>
      values.kind === "file" ? [] : [`${begin(` ${at}`)} -f -a ${argumentOf(values)}`],
    ),
    ...options.map(({ word, short, text, values }) => {
      const name = `-l ${word.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}`;
      const value = values === undefined ? "" : ` ${optionValue(values)}`;
      return `${begin()} ${name}${value} -d ${quoted(text)}`;
    }),
  ];
}

function optionValue(values: Values): string {
  return values.kind === "file" ? "-r -F" : `-x -a ${argumentOf(values)}`;
}

function argumentOf(values: Exclude<Values, { kind: "file" }>): string {
  return quoted(values.kind === "words" ? values.words.join(" ") : `(__qmesh_names ${values.of})`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}

function quotedAll(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}
