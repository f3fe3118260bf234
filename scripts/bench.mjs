// npm run bench [-- NAME [--full]]
import { main, prepare, startNode } from "./prepare.mjs";

await main(async () => {
  await prepare();
  return startNode("dist/bench/run.js", process.argv.slice(2));
});
