import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Files this package brings, wherever it is installed. */
export const filterWasmPath = fileURLToPath(new URL("../../../build/filter.wasm", import.meta.url));

const packageJson = new URL("../../../package.json", import.meta.url);

export const packageVersion = (JSON.parse(readFileSync(packageJson, "utf8")) as { version: string })
  .version;
