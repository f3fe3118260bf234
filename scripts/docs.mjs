// npm run docs: writes docs/policy-reference.md, docs/problems and docs/commands.md anew from the schema, the codes and the program.
import { main, prepare } from "./prepare.mjs";

await main(async () => {
  await prepare();
  await import("../dist/test/pages/write.js");
});
