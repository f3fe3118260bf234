import { Argument, type Command } from "commander";
import { showAlerts } from "../alert-verbs.ts";
import { order } from "../automation-verbs.ts";
import { asking, type Done, ordering } from "./verb-options.ts";

/** The words of the verbs about who is told of what. */
export function addAlerts(program: Command, done: Done): void {
  const alerts = asking(program.command("alerts").description("what fires, and who was told"))
    .option("-f, --follow", "and what changes")
    .option("--all", "also what is over, of the last 7 days")
    .action(async (options) => done(await showAlerts(options)));
  ordering(alerts.command("label <id>").description("whether it was worth waking somebody"))
    .addArgument(new Argument("<answer>").choices(["yes", "no"]))
    .action(async (id: string, actionable: string, _, command: Command) => {
      // Both verbs have --server; what is written after either holds.
      const path = `/v1/alerts/${encodeURIComponent(id)}/label`;
      done(await order(path, command.optsWithGlobals(), { actionable }));
    });
}
