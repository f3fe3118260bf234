import type { Command } from "commander";
import { apply, deleteDocuments, diff } from "../apply.ts";
import { type Done, ordering, withFormat } from "./verb-options.ts";

/** The words of the verbs that change intent. */
export function addIntent(program: Command, done: Done): void {
  const changing = (command: Command) => withFormat(ordering(command));
  const guarded = (command: Command) =>
    changing(command).option(
      "--allow-shrink",
      "though more than half of a resource type goes from the Envoys of a role",
    );
  guarded(
    program
      .command("apply")
      .description("make a folder the intent: checked, written down, put into the control plane's")
      .requiredOption("-f, --file <dir>", "folder of intent YAML; what is not in it goes"),
  ).action(async (options) => done(await apply(options)));
  changing(
    program
      .command("diff")
      .description("what apply would change, and whether it would be held; exit 3 if anything")
      .requiredOption("-f, --file <dir>", "folder of intent YAML"),
  ).action(async (options) => done(await diff(options)));
  guarded(
    program
      .command("delete <document...>")
      .description("take documents out of the intent: HTTPRoute/checkout"),
  ).action(async (documents, options) => done(await deleteDocuments(documents, options)));
}
