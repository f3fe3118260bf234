// npm run docs: writes docs/policy-reference.md and docs/problems anew from the schema and the codes.
import { main, prepare } from "./prepare.mjs";

await main(async () => {
  await prepare();
  await import("../dist/test/pages/write.js");
});
