// npm start [-- flags of `qmesh up`]
import { main, prepare, startNode } from "./prepare.mjs";

await main(async () => {
  await prepare();
  return startNode("dist/src/main.js", ["up", ...process.argv.slice(2)]);
});
