import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULTS } from "../address.ts";

/** How a verb tells the shell what came of it. */
export type Done = (exitCode: number) => void;

/** `-o` of a verb that prints one thing. */
export const TABLE_FORMATS = ["table", "json", "yaml"] as const;

export function withServer(command: Command): Command {
  return command.option(
    "--server <url>",
    "the control plane's HTTP address",
    `http://${DEFAULTS.http}`,
  );
}

/** `-o`; the first is what it prints by itself. */
export function withFormat(
  command: Command,
  formats: readonly string[] = TABLE_FORMATS,
  description = "",
): Command {
  return command.addOption(
    new Option("-o, --output <format>", description).choices(formats).default(formats[0]),
  );
}

/** A verb that asks the control plane and prints what it says. */
export function asking(command: Command, formats?: readonly string[]): Command {
  return withFormat(withServer(command), formats);
}

/** A verb that orders something: it needs a token, and a reason where that is written down. */
export function ordering(command: Command, needsReason = false): Command {
  const asked = withServer(command)
    .option("--data <dir>", "the control plane's state, for this machine's token", DEFAULTS.data)
    .option("--token-file <file>", "another token");
  const text = "why; it is written down";
  return needsReason
    ? asked.requiredOption("--reason <text>", text)
    : asked.option("--reason <text>", text);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 128)
    throw new InvalidArgumentError("a number from 1 to 128.");
  return count;
}
