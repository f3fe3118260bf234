// npm run check: format, lint, dead code. Prints what is wrong, nothing else.
import { main, startNode } from "./prepare.mjs";

await main(async () => {
  const lint = await startNode("node_modules/@biomejs/biome/bin/biome", [
    "check",
    "--error-on-warnings",
    ".",
  ]);
  const dead = await startNode("node_modules/knip/bin/knip.js", ["--no-progress"]);
  return lint === 0 && dead === 0 ? 0 : 1;
});
