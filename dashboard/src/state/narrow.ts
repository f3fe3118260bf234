import { signal } from "@preact/signals";

/** Whether the screen is too narrow for tables; the same width as in the style sheets. */
const query = matchMedia("(max-width: 640px)");
export const isNarrow = signal(query.matches);

query.addEventListener("change", ({ matches }) => {
  isNarrow.value = matches;
});
