#!/usr/bin/env node
import { EXIT } from "./cli/exit-code.ts";

// Whoever reads us has seen enough: `qmesh schema | head`.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  process.exit(code === "EPIPE" ? EXIT.fine : EXIT.failed);
});

// An interrupted verb may leave a server listening; its children are ended by then, and nothing else is worth waiting for.
const code = await run(process.argv.slice(2));
// A pipe takes 64 KiB at once; what it has not taken yet would be lost.
await new Promise<unknown>((resolve) => process.stdout.write("", resolve));
process.exit(code);

/** What a shell asks at a TAB does not wait for the whole program. */
async function run([verb, ...words]: readonly string[]): Promise<number> {
  if (verb === "__names")
    return (await import("./cli/completion/known-names.ts")).printNames(words);
  const { runCli } = await import("./cli/program.ts");
  return runCli(verb === undefined ? [] : [verb, ...words]);
}
