import type { Command } from "commander";
import { awaitRollout, order, showRollouts } from "../automation-verbs.ts";
import { asking, type Done, ordering, parseSeconds } from "./verb-options.ts";

/** The words of `qmesh rollout`. */
export function addRollout(program: Command, done: Done): void {
  const rollout = program.command("rollout").description("progressive delivery");
  asking(rollout.command("get [name]").description("where it stands, on what evidence"))
    .option("-w, --watch", "until it is over")
    .action(async (name, options) => done(await showRollouts(name, options)));
  asking(rollout.command("status <name>").description("wait until it is over; 1 if rolled back"))
    .option("--timeout <time>", "exit 4 if it takes longer", parseSeconds, 3600)
    .action(async (name, options) => done(await awaitRollout(name, options)));
  for (const [verb, text] of ROLLOUT_ORDERS) {
    ordering(rollout.command(`${verb} <name>`).description(text)).action(async (name, options) =>
      done(await order(`/v1/rollouts/${encodeURIComponent(name)}/${verb}`, options)),
    );
  }
}

const ROLLOUT_ORDERS = [
  ["promote", "go on to the next step"],
  ["abort", "back to the stable version"],
  ["pause", "hold it where it is"],
  ["resume", "let it go on"],
  ["retry", "begin anew"],
] as const;
