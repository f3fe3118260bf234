#!/usr/bin/env node
import { EXIT } from "./cli/exit-code.ts";
import { runCli } from "./cli/program.ts";

// Whoever reads us has seen enough: `qmesh schema | head`.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  process.exit(code === "EPIPE" ? EXIT.fine : EXIT.failed);
});

// An interrupted verb may leave a server listening; its children are ended by then, and nothing else is worth waiting for.
const code = await runCli(process.argv.slice(2));
// A pipe takes 64 KiB at once; what it has not taken yet would be lost.
await new Promise<unknown>((resolve) => process.stdout.write("", resolve));
process.exit(code);
