import type { Command } from "commander";
import { order } from "../automation-verbs.ts";
import { showIntentHistory, showLedger, showPolicies } from "../policies.ts";
import { showReadiness } from "../readiness.ts";
import { asking, type Done, ordering } from "./verb-options.ts";

/** The words of `qmesh policies` and `qmesh readiness`. */
export function addPolicies(program: Command, done: Done): void {
  const policies = program.command("policies").description("what automation is allowed to do");
  // The parent takes no option: it would take those of the verbs below it.
  asking(
    policies
      .command("list", { isDefault: true })
      .description("how each stands: mode, method, breaker, last act"),
  ).action(async (options) => done(await showPolicies(options)));
  asking(
    program
      .command("readiness [service]")
      .description("what speaks against automation near a service: exit 1 while anything does"),
  ).action(async (service, options) => done(await showReadiness(service, options)));
  asking(
    policies.command("ledger").description("what each did so far, and which to let go"),
  ).action(async (options) => done(await showLedger(options)));
  asking(policies.command("history").description("the sets that were in force, by digest")).action(
    async (options) => done(await showIntentHistory(options)),
  );
  ordering(
    policies
      .command("promote <name>")
      .description("let a Policy act that is in shadow, if its report is within bounds"),
  ).action(async (name, options) =>
    done(await order(`/v1/policies/${encodeURIComponent(name)}/promote`, options)),
  );
  ordering(
    policies
      .command("rollback <digest>")
      .description("put a set in force again that was, until the folder changes"),
    true,
  ).action(async (digest, options) =>
    done(await order(`/v1/intents/${encodeURIComponent(digest)}/rollback`, options)),
  );
}
