import type { Command } from "commander";
import {
  explainDecision,
  showActions,
  showDecisions,
  showObjectives,
} from "../automation-verbs.ts";
import { asking, type Done } from "./verb-options.ts";

/** The words of the verbs that show what automation did, and why. */
export function addDecisions(program: Command, done: Done): void {
  asking(
    program.command("decisions").description("what automation and people decided, newest last"),
  )
    .option("-f, --follow", "and what comes")
    .option("--subject <name>", "only of this Policy, Rollout ...")
    .action(async (options) => done(await showDecisions(options)));
  asking(program.command("explain <id>").description("why: at most 25 lines")).action(
    async (id, options) => done(await explainDecision(id, options)),
  );
  asking(program.command("slo").description("objectives, budgets and burn")).action(
    async (options) => done(await showObjectives(options)),
  );
  asking(program.command("actions").description("what is laid over the intent now")).action(
    async (options) => done(await showActions(options)),
  );
}
