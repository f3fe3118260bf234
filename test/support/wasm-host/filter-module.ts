import { readFileSync } from "node:fs";

/** The built filter; `npm run build` makes it. */
export const FILTER_BYTES = new Uint8Array(
  readFileSync(new URL("../../../../build/filter.wasm", import.meta.url)),
);
export const FILTER_MODULE: WebAssembly.Module = new WebAssembly.Module(FILTER_BYTES);
