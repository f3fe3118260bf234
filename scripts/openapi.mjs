// npm run openapi: writes docs/openapi.json anew from the API's own tables; a test asks that it is current.
import { writeFileSync } from "node:fs";
import { main, prepare } from "./prepare.mjs";

await main(async () => {
  await prepare();
  const { openApiDocument } = await import("../dist/src/api/v1/openapi.js");
  writeFileSync("docs/openapi.json", `${JSON.stringify(openApiDocument(), null, 2)}\n`);
});
