import { fileURLToPath } from "node:url";

/** Files this package brings, wherever it is installed. */
export const filterWasmPath = fileURLToPath(new URL("../../../build/filter.wasm", import.meta.url));
