import { signal } from "@preact/signals";

/** The reader's clock, by the second: ages on the screen grow with it. */
export const nowMs = signal(Date.now());

setInterval(() => {
  nowMs.value = Date.now();
}, 1000);
