import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULTS } from "../address.ts";

/** How a verb tells the shell what came of it. */
export type Done = (exitCode: number) => void;

/** `-o` of a verb that prints one thing. */
export const TABLE_FORMATS = ["table", "json", "yaml"] as const;

/** The control plane that is asked; a hook of the program makes a `Server` of all three before the verb runs. */
export function withServer(command: Command): Command {
  return command
    .addOption(
      new Option("--server <url>", "the control plane's HTTP address")
        .env("QMESH_SERVER")
        .default(DEFAULTS.http),
    )
    .addOption(
      new Option("--certs <dir>", "HTTPS with an operator's certificate: qmesh certs operator").env(
        "QMESH_CERTS",
      ),
    )
    .option("--token-file <file>", "a token that lets one in, instead");
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

/** `-w` of a verb that shows how the mesh is now. */
export function watchable(command: Command): Command {
  return command.option("-w, --watch", "again every second");
}

/** A verb that asks the control plane and prints what it says. */
export function asking(command: Command, formats?: readonly string[]): Command {
  return withFormat(withServer(command), formats);
}

/** The control plane's state on this disk, for a verb that reads of it. */
export function withData(command: Command, description: string): Command {
  return command.addOption(
    new Option("--data <dir>", description).env("QMESH_DATA").default(DEFAULTS.data),
  );
}

/** A verb that orders something: it needs a token, and a reason where that is written down. */
export function ordering(command: Command, needsReason = false): Command {
  const asked = withData(
    withServer(command),
    "the control plane's state, for this machine's token",
  );
  const text = "why; it is written down";
  return needsReason
    ? asked.requiredOption("--reason <text>", text)
    : asked.option("--reason <text>", text);
}

/** `60s`, `2m`, `1h`, `90` (seconds). */
export function parseSeconds(text: string): number {
  const [, digits, unit = "s"] = /^(\d+)(s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  if (!(seconds >= 1)) throw new InvalidArgumentError("write a time such as 60s or 2m.");
  return seconds;
}

/** `5m`, `12h`, `7d` ago, or a time of ISO 8601, in UTC unless it says otherwise, as tables print it; ISO 8601 in UTC. */
export function parseMoment(text: string): string {
  const [, digits, unit = "s"] = /^(\d{1,9})(s|m|h|d)$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as "s"];
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isZoned = isDay || /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const isWritten = /^\d{4}-\d\d-\d\d/.test(text);
  const written = isWritten ? Date.parse(isZoned ? text : `${text}Z`) : Number.NaN;
  const ms = digits === undefined ? written : Date.now() - seconds * 1000;
  if (Number.isNaN(new Date(ms).getTime()))
    throw new InvalidArgumentError("write how long ago, such as 5m or 7d, or 2026-11-30T14:00Z.");
  return new Date(ms).toISOString();
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 128)
    throw new InvalidArgumentError("a number from 1 to 128.");
  return count;
}
