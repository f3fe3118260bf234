import type { Command } from "commander";
import { exportAudit, verifyAudit, writePostmortem, writeReview } from "../audit.ts";
import { type Done, withData, withFormat } from "./verb-options.ts";

/** The words of the verbs that read the audit log from the disk. */
export function addAudit(program: Command, done: Done): void {
  const audit = program.command("audit").description("the log of what automation and people did");
  const reading = (name: string, description: string, under = audit) =>
    withData(under.command(name).description(description), "the control plane's state");
  withFormat(
    reading(
      "verify",
      "check that nothing in the log was changed, taken away or added: docs/audit.md",
    ),
  )
    .option("--key <file>", "public key kept elsewhere, instead of the one beside the log")
    .action(async (options) => done(await verifyAudit(options)));
  reading("export", "print the log, one JSON entry a line").action(async (options) =>
    done(await exportAudit(options)),
  );
  reading("review", "what automation and people did in the last seven days, as markdown", program)
    .requiredOption("--week", "the last seven days")
    .action(async (options) => done(await writeReview(options)));
  reading("postmortem", "print what the log tells of an incident, as markdown", program)
    .argument("<id>", "a decision, an action or another record of it")
    .action(async (id, options) => done(await writePostmortem(id, options)));
}
