import { Command, CommanderError } from "commander";
import { EXIT, Failure } from "./exit-code.ts";
import { say } from "./output.ts";
import { addAlerts } from "./program/alerts.ts";
import { addAudit } from "./program/audit.ts";
import { addCerts } from "./program/certs.ts";
import { addDecisions } from "./program/decisions.ts";
import { addInspecting } from "./program/inspecting.ts";
import { addIntent } from "./program/intent.ts";
import { addLooking } from "./program/looking.ts";
import { addOffline } from "./program/offline.ts";
import { addOrders } from "./program/orders.ts";
import { addPolicies } from "./program/policies.ts";
import { addRollout } from "./program/rollout.ts";
import { addServing } from "./program/serving.ts";
import { addShell } from "./program/shell.ts";
import type { Done } from "./program/verb-options.ts";
import { openServer } from "./server-option.ts";

/** In the order of `qmesh --help`; a group of verbs is one file. */
const GROUPS = [
  addServing,
  addOffline,
  addLooking,
  addIntent,
  addInspecting,
  addDecisions,
  addAlerts,
  addRollout,
  addPolicies,
  addOrders,
  addAudit,
  addCerts,
  addShell,
];

/** Parses the words after `qmesh`, runs the verb, resolves to the exit code. Never throws. */
export async function runCli(words: readonly string[]): Promise<number> {
  let code: number = EXIT.fine;
  const program = buildProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof Failure) {
    say(error.message);
    return error.exitCode;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

/** All verbs; `done` is told what came of the one that ran. */
export function buildProgram(done: Done): Command {
  const program = new Command("qmesh")
    .description("Telemetry-first control plane for Envoy, with a filter that sheds load by tier")
    .exitOverride()
    .showSuggestionAfterError()
    .hook("preAction", (_, action) => openServer(action));
  for (const add of GROUPS) add(program, done);
  return program;
}
