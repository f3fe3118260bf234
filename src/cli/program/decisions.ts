import { type Command, Option } from "commander";
import { decisionView } from "../../api/view/decision.ts";
import {
  checkIncident,
  explainDecision,
  showAction,
  showActions,
  showObjectives,
} from "../automation-verbs.ts";
import { showDecisions } from "../decisions.ts";
import { asking, type Done, parseMoment } from "./verb-options.ts";

/** The words of the verbs that show what automation did, and why. */
export function addDecisions(program: Command, done: Done): void {
  asking(
    program.command("decisions").description("what automation and people decided, newest last"),
  )
    .option("-f, --follow", "and what comes")
    .option("--subject <name>", "only of this Policy, Rollout ...")
    .addOption(
      new Option("--kind <kind>", "only of this kind").choices(decisionView.shape.kind.options),
    )
    .option("--since <time>", "all from then on: 5m, 12h, 7d ago, or a time (UTC)", parseMoment)
    .option("--until <time>", "up to then; with -f it ends there", parseMoment)
    .action(async (options) => done(await showDecisions(options)));
  asking(program.command("explain <id>").description("why: at most 25 lines")).action(
    async (id, options) => done(await explainDecision(id, options)),
  );
  asking(
    program
      .command("incident <id>")
      .description("objectives, what automation did, whether log and state agree, is it worse"),
  ).action(async (id, options) => done(await checkIncident(id, options)));
  asking(program.command("slo").description("objectives, budgets and burn")).action(
    async (options) => done(await showObjectives(options)),
  );
  const actions = program
    .command("actions [id]")
    .description("what is laid over the intent now; with an id: how far it is on each Envoy");
  asking(actions).action(async (id, options) =>
    done(await (id === undefined ? showActions(options) : showAction(id, options))),
  );
  // The options are those of `actions`, wherever they stand.
  actions
    .command("show <id>")
    .description("one action; exit 3 where some Envoys refuse it")
    .action(async (id, _, command) => done(await showAction(id, command.optsWithGlobals())));
}
