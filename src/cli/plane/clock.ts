import { performance } from "node:perf_hooks";

/** Monotonic. */
export const nowMs = () => performance.now();

/** Whole seconds since 1970: the ticks of the engine. */
export const nowSeconds = () => Math.floor(Date.now() / 1000);
