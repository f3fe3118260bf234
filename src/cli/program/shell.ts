import { Argument, type Command } from "commander";
import { completionScript, SHELLS } from "../completion/script.ts";
import { envoyPath } from "../envoy-binary.ts";
import { EXIT, Failure } from "../exit-code.ts";
import { withProgress } from "../progress.ts";
import type { Done } from "./verb-options.ts";

/** The words of the verbs about this program itself, and the Envoy it runs. */
export function addShell(program: Command, done: Done): void {
  program
    .command("completion")
    .description('print a completion script: eval "$(qmesh completion bash)"')
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action((shell) => {
      process.stdout.write(completionScript(program, shell));
      done(EXIT.fine);
    });
  program
    .command("envoy")
    .description("the Envoy this program runs")
    .command("path")
    .description("print the path of a tested Envoy: from PATH, else fetched into the cache")
    .action(async () => {
      const path = await withProgress("finding or fetching Envoy", envoyPath()).catch(
        (error: Error) => {
          throw new Failure(error.message);
        },
      );
      process.stdout.write(`${path}\n`);
    });
}
