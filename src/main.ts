#!/usr/bin/env node
import { runCli } from "./cli/program.ts";

// An interrupted verb may leave a server listening; its children are ended by then, and nothing else is worth waiting for.
process.exit(await runCli(process.argv.slice(2)));
