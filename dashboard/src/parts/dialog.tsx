import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** The browser's own dialog: it keeps the focus inside, and Escape closes it. */
interface DialogProps {
  readonly title: string;
  readonly kind?: "dialog" | "drawer";
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, kind = "dialog", onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    // What is asked for, rather than the button that closes it.
    dialog.current?.querySelector<HTMLElement>("input, select")?.focus();
  }, []);
  return (
    <dialog ref={dialog} class={kind} onClose={onClose} aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          <Icon name="bad" />
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}
