import { go, place, SCREENS } from "./state/place.ts";
import { turnTheme } from "./state/theme.ts";

/** One key each, never while somebody writes or a dialog is open. */
export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    const isWriting =
      target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
    if (isWriting || ctrlKey || metaKey || altKey) return;
    const screen = SCREENS[Number(key) - 1];
    if (screen !== undefined) go({ screen });
    else if (key === "a") go({ attention: !place.value.attention });
    else if (key === "t") turnTheme();
    else if (key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    }
  });
}
