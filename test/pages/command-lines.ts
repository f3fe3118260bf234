import { type Command, CommanderError } from "commander";
import { buildProgram } from "../../src/cli/program.ts";

/** What a page tells its reader to type after `qmesh`. */
export interface CommandLine {
  readonly words: readonly string[];
  /** A line of its own, to be typed as it is; otherwise it may stand for the verb alone. */
  readonly isWhole: boolean;
}

const FENCE = /^( *)```\w*\n([\s\S]*?)^\1```$/gm;
const COMMAND = /^\s*(?:\$ )?(?:npx )?(?:qmesh|(npm start --)) (.+)$/;

export function commandLines(page: string): CommandLine[] {
  const fenced = [...page.matchAll(FENCE)].flatMap(([, , body = ""]) => body.split("\n"));
  const rest = page.replace(FENCE, "");
  const indented = rest.split("\n").filter((line) => /^ {4,}\S/.test(line));
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
  return [
    ...[...fenced, ...indented].flatMap((line) => toCommand(line, true)),
    ...spans.flatMap((span) => toCommand(span, false)),
  ];
}

function toCommand(text: string, isWhole: boolean): CommandLine[] {
  const [, starting, typed] = COMMAND.exec(text) ?? [];
  // Where a comment, a redirection or the next command begins.
  const own = typed?.split(/ #| [|>;] | && /)[0] ?? "";
  const words = [...own.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => firstChoice(word));
  // `qmesh VERB` stands for any.
  if (words.length === 0 || words[0] === "VERB") return [];
  return [{ words: starting === undefined ? words : ["up", ...words], isWhole }];
}

/** `yes|no` is one of the two. */
function firstChoice(word: string): string {
  return word.replace(/^([\w-]+)(\|[\w-]+)+$/, "$1");
}

/** A mention may leave out what the verb needs, and a group of verbs may be named. */
const OF_A_WHOLE_LINE = new Set([
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
  "commander.optionMissingArgument",
  "commander.help",
]);

/** What the program itself says against the words; undefined: it would run. Nothing is run. */
export function faultOf({ words, isWhole }: CommandLine): string | undefined {
  const program = buildProgram(() => undefined);
  silence(program);
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    // Anything else is of the machine, such as a folder of certificates that is not here.
    if (!(error instanceof CommanderError) || error.exitCode === 0) return undefined;
    return isWhole || !OF_A_WHOLE_LINE.has(error.code) ? error.message : undefined;
  }
  return undefined;
}

function silence(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  const isVerb = command.commands.length === 0 || command.options.length > 0;
  if (isVerb && command.parent !== null) command.action(() => undefined);
  for (const each of command.commands) silence(each);
}
