import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout; tests run from `dist/test/support`. */
export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** The compiled filter. */
export const filterWasm = join(projectRoot, "build/filter.wasm");
