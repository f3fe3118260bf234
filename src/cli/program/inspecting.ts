import { type Command, InvalidArgumentError } from "commander";
import { showConfig } from "../config.ts";
import { showReport } from "../report.ts";
import { tap } from "../tap.ts";
import { asking, type Done, parseCount } from "./verb-options.ts";

/** The words of the verbs that look closely: at one node, at requests as they come, at one measure. */
export function addInspecting(program: Command, done: Done): void {
  asking(
    program
      .command("config")
      .description("what a node should have against what it acknowledged")
      .argument("<node>")
      .argument("<type>", "clusters, routes, listeners, endpoints or secrets"),
  )
    .option("--diff", "only what differs")
    .action(async (node, type, options) => done(await showConfig(node, type, options)));
  asking(program.command("tap").description("sampled requests as they come, one of a hundred"))
    .option("--service <name>", "only to this service")
    .option("--node <id>", "only through this Envoy")
    .option("--errors", "only answers 5xx, or none")
    .option("-n, --count <n>", "end after so many", parseCount)
    .action(async (options) => done(await tap(options)));
  asking(
    program
      .command("report")
      .description("one of the measures M1 to M10, against its target")
      .argument("<measure>"),
  )
    .option("--since <time>", "how far back the log is read", parsePast, 7 * 86_400)
    .action(async (measure, options) => done(await showReport(measure, options)));
}

/** `30m`, `12h`, `7d`; seconds. */
function parsePast(text: string): number {
  const [, digits, unit = "d"] = /^(\d+)(m|h|d)$/.exec(text) ?? [];
  const seconds = Number(digits) * { m: 60, h: 3600, d: 86_400 }[unit as "m" | "h" | "d"];
  if (!(seconds >= 60 && seconds <= 90 * 86_400))
    throw new InvalidArgumentError("from 1m to 90d, such as 7d.");
  return seconds;
}
