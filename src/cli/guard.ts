import { spawn } from "node:child_process";

/**
 * A child process that runs one foreign program (Envoy) and ends it when standard input ends, which happens whenever
 * the parent is gone, even by SIGKILL. `node guard.js COMMAND ARG…`; its exit code is the program's.
 */
const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  process.stderr.write(`${command}: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));
process.stdin.on("end", () => child.kill("SIGKILL"));
process.stdin.resume();
// Ctrl-C reaches the whole group; the parent decides when this ends.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
