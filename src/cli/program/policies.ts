import type { Command } from "commander";
import { order } from "../automation-verbs.ts";
import { showIntentHistory, showLedger, showPolicies } from "../policies.ts";
import { asking, type Done, ordering } from "./verb-options.ts";

/** The words of `qmesh policies`. */
export function addPolicies(program: Command, done: Done): void {
  const policies = asking(
    program
      .command("policies")
      .description("how each Policy stands: mode, method, breaker, last act"),
  ).action(async (options) => done(await showPolicies(options)));
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
