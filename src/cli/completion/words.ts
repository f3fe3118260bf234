import type { Command } from "commander";
import { type Values, valuesOf } from "./values.ts";

/** The verbs and options of the program as completion sees them. */
export interface Verb {
  /** `rollout get`; empty: the program itself. */
  readonly path: string;
  readonly verbs: readonly Word[];
  readonly options: readonly OptionWord[];
  /** By place. */
  readonly arguments: readonly Values[];
  /** Options that take a value, of the verbs above it too: `-o`, `--output`. */
  readonly valued: readonly string[];
}

export interface Word {
  readonly word: string;
  readonly text: string;
}

export interface OptionWord extends Word {
  readonly short?: string;
  /** Absent: it takes none. */
  readonly values?: Values;
}

export function verbsOf(command: Command, path = "", above: readonly string[] = []): Verb[] {
  const options = command.options.map(({ long, short, description, required, argChoices }) => ({
    ...{ word: long ?? short ?? "", text: description },
    ...(long && short && { short }),
    ...(required && { values: valuesOf(`${path} ${long ?? short}`, argChoices) }),
  }));
  const valued = [
    ...above,
    ...options.flatMap(({ word, short, values }) =>
      values === undefined ? [] : [word, ...(short === undefined ? [] : [short])],
    ),
  ];
  const verb: Verb = {
    ...{ path, options, valued },
    verbs: command.commands.map((each) => ({ word: each.name(), text: each.description() })),
    arguments: command.registeredArguments.map(({ argChoices }, at) =>
      valuesOf(`${path} ${at}`, argChoices),
    ),
  };
  const below = command.commands.flatMap((each) =>
    verbsOf(each, `${path} ${each.name()}`.trim(), valued),
  );
  return [verb, ...below];
}

/** Every place of a verb with what may stand there: `get 0`, `get -o`, `get --output`. */
export function placesOf({ path, options, arguments: given }: Verb): (readonly [string, Values])[] {
  return [
    ...given.map((values, at) => [`${path} ${at}`, values] as const),
    ...options.flatMap(({ word, short, values }) =>
      values === undefined
        ? []
        : [word, short].flatMap((each) =>
            each === undefined ? [] : [[`${path} ${each}`, values] as const],
          ),
    ),
  ];
}
