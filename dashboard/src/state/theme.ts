import { signal } from "@preact/signals";

/** As the system wishes, until the reader chooses. */
const KEY = "qmesh-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export type Theme = "light" | "dark";
export const theme = signal<Theme>(chosen() ?? (system.matches ? "dark" : "light"));

system.addEventListener("change", ({ matches }) => {
  if (chosen() === undefined) theme.value = matches ? "dark" : "light";
});

theme.subscribe((value) => {
  document.documentElement.dataset.theme = value;
});

export function turnTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, theme.value);
}

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : undefined;
}
